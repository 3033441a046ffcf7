"""The numbers of the acoustic model that a graph speaks of: phones in their positions, and transition ids.

The network was trained with CTC: output 0 is "blank", output i the i-th phone of `am/phones.txt`. A phone is
heard as `blank* phone+`; blanks after a word belong to silence, so that word ends are unambiguous.
Kaldi numbers, from 1: phone 1 is silence, then every phone four times (begin, end, inside, alone in a word).
Each emitting state has two transitions, numbered in order: to stay, and to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

SILENCE = 1
Position = Literal["B", "E", "I", "S"]
POSITIONS: tuple[Position, ...] = ("B", "E", "I", "S")
_BOUNDARY = {"B": "begin", "E": "end", "I": "internal", "S": "singleton"}
_STATES = 2  # emitting states of a phone: blank, then the phone itself; silence has one


class Hmm:
    """Numbers for the phones of one acoustic model, in the order of its file."""

    def __init__(self, phones: Sequence[str]) -> None:
        self.phones = tuple(phones)
        self._index = {phone: n for n, phone in enumerate(phones)}

    def id(self, phone: str, position: Position) -> int:
        """Kaldi's number of a phone in its place in the word."""
        return 2 + len(POSITIONS) * self._index[phone] + POSITIONS.index(position)

    @staticmethod
    def stay(phone_id: int, blank: bool = False) -> int:
        """Transition id of the self-loop on a phone's own state, or on its blank before it."""
        return Hmm.go(phone_id, blank) - 1

    @staticmethod
    def go(phone_id: int, blank: bool = False) -> int:
        """Transition id that leaves a phone's own state, or its blank."""
        if phone_id == SILENCE:
            return 2
        state = 1 + _STATES * (phone_id - 2) + (0 if blank else 1)
        return 2 * state + 2

    @property
    def last_transition(self) -> int:
        return self.go(1 + len(POSITIONS) * len(self.phones))

    def word_boundaries(self) -> str:
        """Text of `phones/word_boundary.int`."""
        lines = [f"{SILENCE} nonword"]
        lines += [f"{self.id(phone, p)} {_BOUNDARY[p]}" for phone in self.phones for p in POSITIONS]
        return "\n".join(lines) + "\n"
