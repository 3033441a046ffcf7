from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from routing.tickets import GROUPS, LENGTH, new_ticket, valid

seeds = st.integers(min_value=0, max_value=2**32)


@given(seeds)
def test_a_new_ticket_is_valid_and_speakable_in_groups(seed: int) -> None:
    ticket = new_ticket(random.Random(seed))
    assert valid(ticket)
    assert len(ticket) == LENGTH == sum(GROUPS)
    assert ticket[0] != "0"


@given(seeds, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(seed: int, at: int, more: int) -> None:
    ticket = new_ticket(random.Random(seed))
    wrong = ticket[:at] + str((int(ticket[at]) + more) % 10) + ticket[at + 1 :]
    assert not valid(wrong)


@given(seeds, st.integers(0, LENGTH - 2))
def test_any_swap_of_neighbours_is_found(seed: int, at: int) -> None:
    ticket = new_ticket(random.Random(seed))
    swapped = ticket[:at] + ticket[at + 1] + ticket[at] + ticket[at + 2 :]
    assert swapped == ticket or not valid(swapped)


def test_what_is_no_ticket_is_refused() -> None:
    ticket = new_ticket(random.Random(1))
    for wrong in ("", "123", ticket[:-1], ticket + "0", "0" * 8, "abcdefgh", " " + ticket[1:], "١٢٣٤٥٦٧٨"):
        assert not valid(wrong)
