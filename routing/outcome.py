"""What a number's calls left open: a report that broke off, and one that is said to be solved."""

from __future__ import annotations

import datetime as dt

from models.cases import Case
from models.store.cases import CaseStore
from routing.life import Act, NotAllowed

BROKEN = "telepon terputus"  # review of a case that was made of what was said before the line broke
CONTINUED_WITHIN = dt.timedelta(hours=24)
ASKED_WITHIN = dt.timedelta(days=14)  # of the solution: later nobody remembers
MOST_ASKED = 2  # calls in which it is asked
SCORES = (1, 2, 3, 4, 5)


def broken_off(store: CaseStore, lookup: str, now: dt.datetime) -> Case | None:
    """The last report of this number that broke off, if nobody has taken it up since."""
    case = next(iter(store.cases_of(lookup, now - CONTINUED_WITHIN, limit=1)), None)
    return case if case and case.review == BROKEN and case.call_id and case.stage == "pengaduan" else None


def to_confirm(store: CaseStore, lookup: str, now: dt.datetime) -> Case | None:
    """The case that was solved last and of which this number has not said whether it is."""
    for case in store.solved_of(lookup, now - ASKED_WITHIN):
        kinds = [event.kind for event in case.events if event.at >= case.stage_since]
        if "confirmed" not in kinds and kinds.count("asked") < MOST_ASKED:
            return case
    return None


def outcome(key: str, words: str, score: int) -> Act:
    """What the reporter says of a solved case: that it is (with a score, 0 for none), or in which words it is not.

    Raises:
        NotAllowed: a score that there is not.
    """
    if score and score not in SCORES:
        raise NotAllowed("Nilai kepuasan dari satu sampai lima.")
    verb = "reopen" if words else "confirm"
    return Act(verb, "caller", "call", key, words, score=score, by_citizen=True)


def continue_with(store: CaseStore, broken: Case, ticket: str, key: str) -> Act | None:
    """What becomes of the broken-off case once its report was finished in another call; None when it is that one."""
    other = store.by_ticket(ticket)
    if other is None or other.id == broken.id:
        return None
    return Act("merge", "caller", "call", key, other=other.id, by_citizen=True)
