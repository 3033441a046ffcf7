"""Who may come in, when there are more browsers than places."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ivr.line import CallGate

IDLE_S = 600.0  # a page that was left open; who reads Braille or looks for a bill is back before
GIVE_UP_S = 2.0  # how long one that gives its place takes


class Guest(Protocol):
    """A stream that holds a place."""

    def idle_s(self) -> float:
        """Seconds since its caller last did something."""

    def give_place(self) -> None:
        """End, for somebody else needs the place; from another thread."""


class Places:
    """Counts the live widgets of this process, apart from telephone calls, so that neither takes the other's room.

    There is no time limit while there is room. When there is none, a page that nobody has touched for long gives its
    place; its call stays in the store for a while. One address holds half of all places at most: whole neighbourhoods
    share one behind their provider, but nobody shuts everybody else out.

    Args:
        gate: how many there are.
        idle_s: seconds after which a place may be taken from somebody.
    """

    def __init__(self, gate: CallGate, idle_s: float = IDLE_S) -> None:
        self.gate = gate
        self._idle_s = idle_s
        self._guests: dict[Guest, str] = {}
        self._changed = threading.Condition()

    def enter(self, guest: Guest, address: str) -> bool:
        """Whether there is a place for one more; if so it is taken."""
        with self._changed:
            beside = sum(other == address for other in self._guests.values())
            if beside >= max(1, self.gate.most // 2):
                return self._enter_for_idle(guest, address, beside_only=True)
            return self._take(guest, address) or self._enter_for_idle(guest, address, beside_only=False)

    def leave(self, guest: Guest) -> None:
        with self._changed:
            if self._guests.pop(guest, None) is not None:
                self.gate.leave()
                self._changed.notify_all()

    def _take(self, guest: Guest, address: str) -> bool:
        if not self.gate.enter():
            return False
        self._guests[guest] = address
        return True

    def _enter_for_idle(self, guest: Guest, address: str, *, beside_only: bool) -> bool:
        rivals = [other for other, its in self._guests.items() if its == address or not beside_only]
        longest = max(rivals, key=lambda other: other.idle_s(), default=None)
        if longest is None or longest.idle_s() < self._idle_s:
            return False
        longest.give_place()
        until_s = time.monotonic() + GIVE_UP_S
        while longest in self._guests and time.monotonic() < until_s:
            self._changed.wait(until_s - time.monotonic())
        return longest not in self._guests and self._take(guest, address)
