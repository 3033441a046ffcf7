"""What another system says of a case becomes acts on it: an agency's answer, or a citizen's addition. Pure.

Used alike for what is sent to us and for what we fetch.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import replace

from models.cases import Case
from models.store.cases import CLOSED_STAGES, CaseStore
from routing.cases import act_on
from routing.city import City
from routing.life import Act, NotAllowed, allowed
from routing.open311.published import CHANNEL

LONGEST_SPOKEN = 600  # letters: about 40 s of speech, the most that a caller is asked to listen to
# Status words of GeoReport and of its extension, by what the agency has done.
SOLVED = frozenset({"closed", "fixed"})
REFUSED = frozenset({"no_further_action", "not_councils_responsibility", "cancelled", "duplicate"})
WORKING = frozenset({"in_progress"})
ACCEPTED = frozenset({"investigating", "planned", "action_scheduled", "internal_referral", "for_triage"})
MOVES = ("accept:", "start:")
DEFAULT_TEXTS = {
    "solve": "Instansi menyatakan laporan ini sudah selesai ditangani.",
    "reject": "Instansi menyatakan laporan ini tidak dapat ditangani.",
    "reopen": "Laporan ini dikerjakan kembali.",
}
_TAG = re.compile(r"<[^>]{0,200}>")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")
_SPACE = re.compile(r"\s+")
_BEFORE_SIGN = re.compile(r"\s+(?=[.,!?;:])")


def speakable(text: str) -> str:
    """What is left of a remote answer when it is to be heard: no tags, links or line ends; cut after a sentence."""
    plain = _SPACE.sub(" ", _LINK.sub("", _TAG.sub(" ", html.unescape(text))))
    plain = _BEFORE_SIGN.sub("", plain).strip()
    if len(plain) <= LONGEST_SPOKEN:
        return plain
    cut = plain[:LONGEST_SPOKEN]
    end = max(cut.rfind(sign) for sign in ".!?")
    return cut[: end + 1] if end > LONGEST_SPOKEN // 2 else cut.rsplit(" ", 1)[0]


def by_agency(case: Case, status: str, text: str, actor: str, told_by: str) -> tuple[Act, ...]:
    """What an agency's system says.

    Args:
        told_by: what makes this saying unique: told again, nothing happens.
    """
    word, said, key = status.strip().lower().replace(" ", "_"), speakable(text), _key(told_by)
    if _done(case, key):
        return ()

    def act(verb: str, words: str = "") -> Act:
        return Act(verb, actor, CHANNEL, key, words or DEFAULT_TEXTS.get(verb, ""))

    if case.stage in CLOSED_STAGES:
        verb = "reopen" if word == "reopen" and allowed(case, "reopen") else "note"
        return (act(verb, said),) if said or verb == "reopen" else ()
    if word in SOLVED:
        return (act("solve", said),)
    if word in REFUSED:
        return (act("reject", said),)
    moves: tuple[Act, ...] = ()
    if word in WORKING and allowed(case, "start"):
        moves = (act("start"),)
    elif word in ACCEPTED and allowed(case, "accept"):
        moves = (act("accept"),)
    return (*moves, act("answer", said)) if said else moves


def _key(told_by: str) -> str:
    return "o:" + hashlib.sha256(told_by.encode()).hexdigest()[:32]


def _done(case: Case, key: str) -> bool:
    """Whether this was said before: it may have closed the case, and would now mean something else.

    A move alone does not count: a process may have died between it and the words.
    """
    return any(event.key.endswith(key) and not event.key.startswith(MOVES) for event in case.events)


def by_citizen(case: Case, status: str, text: str, told_by: str) -> tuple[Act, ...]:
    """What the reporter says through the system that sent the case."""
    word, key, verb = status.strip().lower(), _key(told_by), "add"
    if _done(case, key):
        return ()
    if word == "cancelled":
        verb = "withdraw"
    elif case.stage == "menunggu":
        verb = "reply"
    elif case.stage in CLOSED_STAGES:
        verb = "reopen" if word == "reopen" and allowed(case, "reopen") else "note"
    if verb != "withdraw" and not text:
        return ()
    return (Act(verb, "caller", CHANNEL, key, text, by_citizen=True),)


def apply(store: CaseStore, city: City, case: Case, acts: tuple[Act, ...]) -> int:
    """Do them, each once; what the case does not permit is kept as a note. How many were new."""
    new = 0
    for act in acts:
        try:
            new += act_on(store, city, case.id, act)
        except NotAllowed:
            words = act.text or act.verb
            new += act_on(store, city, case.id, replace(act, verb="note", text=words))
    return new
