"""The questions of the line, by name."""

from ivr.steps import announce, choose, mine, people, report, services, status
from ivr.steps.base import Step

STEPS: dict[str, Step] = {
    **people.STEPS,
    **report.STEPS,
    **choose.STEPS,
    **announce.STEPS,
    **services.STEPS,
    **status.STEPS,
    **mine.STEPS,
}
