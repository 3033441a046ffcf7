"""How the line speaks and waits for this caller: slowly for who needs time, quickly for who listens fast.

Blind callers follow 250 words a minute and more and wait for nothing; elderly callers need 100, twice the silence and a
question more. Both call the same number. A caller says "lebih pelan" or "lebih cepat" (or presses 7); who says
nothing is known by how the call goes. The number keeps what was chosen (`models.callers`).
"""

from __future__ import annotations

from dataclasses import dataclass

PACES = (100, 140, 190, 250)  # words per minute; espeak-ng goes from 80 to 450
STANDARD = 140


@dataclass(frozen=True)
class Profile:
    """What goes with a pace.

    Attributes:
        silence: factor on the silence that ends an answer: who speaks slowly pauses longer.
        patience: factor on the time to begin an answer, and between two keys.
        sure: how likely an answer must have been understood, else it is asked for again.
        confirms: whether a choice from a list is read back before it counts.
    """

    name: str
    silence: float
    patience: float
    sure: float
    confirms: bool = False


# 0.3: of reserved speakers' answers to a grammar 3.1 % stand below, and 89 % of those were wrong; of free speech 23 %
# and 88 % (speech/model/README.md has the table). At 0.5 every fourth of those asked again was heard well.
SLOW = Profile("pelan", 2.0, 2.0, 0.5, confirms=True)
USUAL = Profile("standar", 1.0, 1.0, 0.3)
FAST = Profile("cepat", 0.8, 1.0, 0.3)


def profile_of(pace: int) -> Profile:
    """The profile of a pace in words per minute."""
    return SLOW if pace < STANDARD else USUAL if pace == STANDARD else FAST


# -- what a call tells of a caller who has chosen nothing

STRUGGLES = 3  # answers in one call that failed: silence, no-match, too unsure
SLOW_SPEAKER = 90  # words per minute of a story; the line's own speakers talk at 120 to 160
FEWEST_WORDS = 8  # of a story, for its pace to mean anything
HURRIES = 3  # prompts in a row that were interrupted by an answer that fitted


def guessed(pace: int, own: bool, struggles: int, hurries: int, speaks: int) -> int | None:
    """The pace for a caller who struggles, speaks slowly, or never hears a prompt out; None to leave it.

    Args:
        pace: of now, words per minute.
        own: whether it was chosen by the caller, or guessed already: then it is never changed.
        struggles, hurries: how many so far in the call, and in a row.
        speaks: the caller's own words per minute in a long enough answer; 0 when not known.
    """
    if own or pace != STANDARD:
        return None
    if struggles >= STRUGGLES or 0 < speaks < SLOW_SPEAKER:
        return PACES[0]
    return PACES[2] if hurries >= HURRIES else None
