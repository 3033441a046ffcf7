"""What everybody from or about a place hears first, and the one case that all who have the same problem follow."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from models.store.announcements import AnnouncementStore
from models.store.cases import CaseStore, Change
from routing.cases import CaseDraft, OpenedCase, open_case, still_open
from routing.city import City

LONGEST_TEXT = 300  # letters: some 20 s of speech, for which every caller waits
SHORTEST_SOUND_MS, LONGEST_SOUND_MS = 1000, 30_000
LONGEST = dt.timedelta(days=14)  # what lasts longer is no news any more


class BadAnnouncement(Exception):
    """It cannot be announced so; `problems` (Indonesian) say what to mend."""

    def __init__(self, *problems: str) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        self.problems = problems


@dataclass(frozen=True)
class NewAnnouncement:
    """What an operator wants to be heard. `key` is the form's; `area` None is the whole city.

    `sound_sealed`: the text as it was spoken, encrypted; empty when the line's own voice is to read it.
    """

    key: str
    text: str
    category: str
    area: str | None
    begins_at: dt.datetime
    ends_at: dt.datetime
    sound_sealed: bytes = b""
    sound_ms: int = 0


@dataclass(frozen=True)
class Joined:
    """What somebody hears who joined."""

    ticket: str
    due_on: dt.date


def announce(
    store: AnnouncementStore, cases: CaseStore, city: City, wanted: NewAnnouncement, by: str, now: dt.datetime
) -> OpenedCase:
    """Open the shared case, then announce; sending the same form twice is harmless.

    Raises:
        BadAnnouncement: with all that is wrong.
    """
    if problems := tuple(_problems(city, wanted, now)):
        raise BadAnnouncement(*problems)
    draft = CaseDraft(
        origin=f"announcement:{wanted.key}",
        channel="console",
        call_id=None,
        category=wanted.category,
        category_by="operator",
        area=wanted.area,
        landmark="",
        description=wanted.text,
        review=None,
        reporter_sealed=None,
        reporter_lookup=None,
        notify="none",
    )
    opened = open_case(cases, city, draft, now)
    store.make(
        key=wanted.key,
        text=wanted.text,
        category=wanted.category,
        area=wanted.area,
        begins_at=wanted.begins_at,
        ends_at=wanted.ends_at,
        case_id=opened.case_id,
        made_by=by,
        sound_sealed=wanted.sound_sealed or None,
        sound_ms=wanted.sound_ms,
    )
    return opened


def _problems(city: City, wanted: NewAnnouncement, now: dt.datetime) -> list[str]:
    problems = []
    if not wanted.text:
        problems.append("Isi pengumuman perlu diisi.")
    elif len(wanted.text) > LONGEST_TEXT:
        problems.append(f"Pengumuman paling panjang {LONGEST_TEXT} huruf; sekarang {len(wanted.text)}.")
    if wanted.sound_sealed and not SHORTEST_SOUND_MS <= wanted.sound_ms <= LONGEST_SOUND_MS:
        problems.append(f"Rekaman paling singkat 1 detik, paling panjang {LONGEST_SOUND_MS // 1000} detik.")
    if wanted.category not in city.categories:
        problems.append("Pilih jenis masalah.")
    if wanted.area and city.area(wanted.area) is None:
        problems.append("Wilayah itu tidak ada di data kota.")
    if wanted.ends_at <= max(now, wanted.begins_at):
        problems.append("Waktu berakhir harus sesudah waktu mulai, dan belum lewat.")
    elif wanted.ends_at - max(now, wanted.begins_at) > LONGEST:
        problems.append(f"Pengumuman berlaku paling lama {LONGEST.days} hari.")
    return problems


def covers(city: City, announced: str | None, area: str) -> bool:
    """Whether what holds in `announced` (a kelurahan, a kecamatan, or everywhere) holds in `area` (or nowhere)."""
    if not announced:
        return True
    known = city.area(area) if area else None
    return known is not None and announced in (known.code, known.parent)


def join(
    cases: CaseStore,
    case_id: str,
    origin: str,
    reporter: tuple[str | None, str | None],
    words: dict[str, str],
    now: dt.datetime,
) -> Joined | None:
    """Let a caller follow a case; what they said is kept with it. None when it is closed by now, or there is none.

    The same number joins once, however often it calls. A hidden number is counted, and told nothing.
    """
    case = still_open(cases, case_id) if case_id else None
    if case is None:
        return None
    sealed, lookup = reporter
    person = f"number:{hashlib.sha256(lookup.encode()).hexdigest()[:32]}" if lookup else origin
    cases.follow(case.id, person, sealed, lookup, "call" if sealed else "none")
    key = "joined:" + hashlib.sha256(origin.encode()).hexdigest()[:32]
    cases.write(case.id, Change("joined", key, "caller", "call", details={k: v for k, v in words.items() if v}, at=now))
    return Joined(case.ticket, case.due_on)
