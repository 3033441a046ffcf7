"""What the console shows has a name in Indonesian: every step of the dialogue."""

from __future__ import annotations

from admin import wording
from ivr.steps import STEPS


def test_the_console_has_a_name_for_every_step() -> None:
    assert set(STEPS) - set(wording.STEPS) == set()
