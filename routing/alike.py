"""The same problem, reported already: open cases of one kind in one kelurahan, by a landmark or all of a sudden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from models.cases import Case
from models.store.cases import CaseStore
from routing.landmarks import HEADS
from routing.words import tokens

RECENT = dt.timedelta(days=30)  # an older report of a hole is of another hole, or forgotten: then a new one helps more
SUDDEN, SUDDENLY = 3, dt.timedelta(days=2)  # so many from one kelurahan in so short a time are one flood, one outage
LOOKED_AT = 50
SHORTEST = 4  # letters of a word that can tell one place from another
SAME = 85.0  # rapidfuzz's ratio from which two words are one, misheard
# Words of many reports, which tell neither the place nor the thing apart.
_COMMON_WORDS = (
    "dekat depan belakang samping sebelah seberang rumah warga kelurahan kecamatan tidak sudah saya kami sekolah"
    " nomor blok yang dari dengan sama lampu rusak mati sampah banjir"
)
COMMON = frozenset(_COMMON_WORDS.split()) | HEADS


@dataclass(frozen=True)
class Alike:
    """The newest of those that seem to be the same, and how many there are."""

    case: Case
    count: int


def find_alike(store: CaseStore, category: str, area: str, landmark: str, now: dt.datetime) -> Alike | None:
    """Open cases that a new report may be about; None when nothing speaks for it.

    Args:
        category, area: codes of the new report's; a kecamatan is too large to say anything.
        landmark: the caller's words for the place.
    """
    cases = store.alike(category, area, now - RECENT, LOOKED_AT)
    names = _names(landmark)
    near = [case for case in cases if _meet(names, _names(f"{case.landmark} {case.description}"))]
    sudden = [case for case in cases if now - case.opened_at <= SUDDENLY]
    same = near or (sudden if len(sudden) >= SUDDEN else [])
    return Alike(same[0], len(same)) if same else None


def _names(text: str) -> frozenset[str]:
    words = tokens(text)
    return frozenset(word for word in words if len(word) >= SHORTEST and word not in COMMON)


def _meet(some: Iterable[str], others: Iterable[str]) -> bool:
    others = tuple(others)
    return any(fuzz.ratio(one, other) >= SAME for one in some for other in others)
