"""The questions of the line, by name."""

from ivr.steps import (
    alike,
    announce,
    answers,
    behalf,
    choose,
    consent,
    earlier,
    mine,
    people,
    place,
    report,
    services,
    status,
)
from ivr.steps.base import Step

STEPS: dict[str, Step] = {
    **people.STEPS,
    **report.STEPS,
    **choose.STEPS,
    **place.STEPS,
    **announce.STEPS,
    **alike.STEPS,
    **answers.STEPS,
    **behalf.STEPS,
    **consent.STEPS,
    **earlier.STEPS,
    **services.STEPS,
    **status.STEPS,
    **mine.STEPS,
}
