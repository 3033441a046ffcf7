"""The questions of the line, by name."""

from ivr.steps import choose, people, place, report, status
from ivr.steps.base import Step

STEPS: dict[str, Step] = {**people.STEPS, **report.STEPS, **choose.STEPS, **place.STEPS, **status.STEPS}
