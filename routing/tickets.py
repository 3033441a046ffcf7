"""Ticket numbers: short enough to be spoken and keyed, with a check digit that catches a slip of the ear or finger."""

from __future__ import annotations

import random

from stdnum import damm

LENGTH = 8  # 7 free digits make 9 million numbers: a drawn number collides rarely, and cannot be guessed by counting
GROUPS = (3, 3, 2)  # as it is spoken: tiga digit, tiga digit, dua digit


def new_ticket(rng: random.Random) -> str:
    """A random ticket number: 8 digits, the first not 0, the last the Damm check digit of the others.

    Damm's algorithm finds every single wrong digit and every swap of neighbours. Uniqueness is the store's
    business: `models.store.cases.CaseStore.open` draws again on a collision.
    """
    body = str(rng.randrange(10 ** (LENGTH - 2), 10 ** (LENGTH - 1)))
    return body + str(damm.calc_check_digit(body))


def valid(ticket: str) -> bool:
    """Whether `ticket` could be one of ours: length, digits and check digit; says nothing of its existence."""
    return (
        len(ticket) == LENGTH
        and ticket.isascii()
        and ticket.isdigit()
        and ticket[0] != "0"
        and damm.checksum(ticket) == 0
    )
