"""The widget's turns by request, its files, and the pages about a ticket, over real HTTP."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from ivr.line import Line
from speech.audio import silence
from tests.ivr.channels.browser_served import LISTED, Site, at_16_khz, serve_widget
from tests.ivr.handset import spoken

SOUND = "application/octet-stream"


@pytest.fixture
def site(line: Line) -> Iterator[Site]:
    with serve_widget(line) as running:
        yield running


class Caller:
    """A call by requests."""

    def __init__(self, site: Site, voice: bool = False) -> None:
        self._site = site
        self._voice = "1" if voice else "0"
        self.token = ""
        self.messages = self.does(type="hello", call="", voice=voice, mic=False)
        self.token = self.messages[0]["call"]

    def does(self, **message: Any) -> list[dict[str, Any]]:
        headers = {"Content-Type": "application/json", "X-Voice": self._voice}
        status, answer = self._site.post(json.dumps(message).encode(), self.token, **headers)
        assert status == 200, answer
        self.messages = answer["messages"]
        return self.messages

    def says(self, words: str) -> None:
        samples = at_16_khz(silence(200) + spoken(words) + silence(300))
        status, answer = self._site.post(samples, self.token, **{"Content-Type": SOUND})
        assert status == 200, answer
        self.messages = answer["messages"]

    @property
    def turn(self) -> dict[str, Any]:
        return next(one for one in self.messages if one["type"] == "turn")

    @property
    def step(self) -> str:
        return str(self.turn["listen"]["step"])


def test_a_report_by_recordings_keys_and_typing(site: Site) -> None:
    caller = Caller(site)
    assert caller.step == "menu"
    caller.says("lapor")
    assert caller.step == "report" and caller.messages[0] == {"type": "understood", "text": "lapor"}
    caller.says("lampu jalan mati sudah seminggu")
    assert caller.step == "category-confirm"
    caller.does(type="key", key="1")
    caller.does(type="text", text="kelurahan cikokol")
    caller.does(type="text", text="ya")
    caller.does(type="text", text="tidak ada")
    caller.says("ya betul")
    assert caller.step == "after-ticket" and len(caller.turn["ticket"]) == 8
    caller.does(type="key", key="2")
    assert caller.turn["ended"]
    assert caller.does(type="key", key="1") == [{"type": "problem", "code": "ended"}]
    call = site.line.cases.by_ticket((site.line.cases.by_ticket(caller.token) and "") or "") or None
    assert call is None


def test_a_recording_made_offline_becomes_a_message_with_a_number(site: Site) -> None:
    caller = Caller(site)
    caller.does(type="text", text="lapor")
    caller.does(type="key", key="2")
    assert caller.step == "message"
    caller.says("pohon tumbang menutup jalan di cipondoh")
    ticket = caller.turn["ticket"]
    case = site.line.cases.by_ticket(ticket)
    assert case is not None and case.review and case.call_id
    turn = next(t for t in site.line.calls.turns(case.call_id) if t.step == "message")
    assert turn.recording_id and len(site.line.recordings.read_pcm(turn.recording_id)) > 16_000


def test_prompts_come_with_their_sound(site: Site) -> None:
    caller = Caller(site, voice=True)
    assert sum(one["type"] == "sound" for one in caller.messages) >= 3


def test_a_break_is_gone_on_with(site: Site) -> None:
    caller = Caller(site)
    caller.does(type="key", key="1")
    caller.does(type="hello", call=caller.token, voice=False, mic=False)
    assert caller.step == "report" and "terputus" in str(caller.turn["said"])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"type":"stop"', b'{"type":"mic","on":true}', b"\xff\xfe", b'{"type":"nothing"}']
)
def test_garbage_is_refused_with_a_word(site: Site, body: bytes) -> None:
    caller = Caller(site)
    status, answer = site.post(body, caller.token, **{"Content-Type": "application/json"})
    assert (status, answer) == (400, {"messages": [{"type": "problem", "code": "bad"}]})


def test_too_much_is_refused(site: Site) -> None:
    caller = Caller(site)
    assert site.post(bytes(5_000_000), caller.token, **{"Content-Type": SOUND})[0] in (413, 0)
    assert site.post(b'"' + b"a" * 10_000 + b'"', caller.token, **{"Content-Type": "application/json"})[0] == 413


def test_a_recording_of_nothing_is_asked_again(site: Site) -> None:
    caller = Caller(site)
    status, answer = site.post(bytes(32_001), caller.token, **{"Content-Type": SOUND})
    assert status == 200 and any(
        one.get("listen", {}).get("step") == "menu" for one in answer["messages"] if one["type"] == "turn"
    )


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_hosts_page_is_refused(site: Site, origin: str) -> None:
    body = b'{"type":"hello","call":"","voice":false,"mic":false}'
    assert site.post(body, origin=origin, **{"Content-Type": "application/json"})[0] == 403
    assert site.post(body, origin=LISTED, **{"Content-Type": "application/json"})[0] == 200


def test_too_many_turns_are_slowed_down(site: Site) -> None:
    body = b'{"type":"key","key":"1"}'
    statuses = {site.post(body, "x" * 43, **{"Content-Type": "application/json"})[0] for _ in range(245)}
    assert statuses == {200, 429}


# -- a ticket's page


def reported(site: Site) -> str:
    caller = Caller(site)
    for text in (
        "lapor",
        "lampu jalan mati di depan rumah Pak Budi",
        "ya",
        "kelurahan cikokol",
        "ya",
        "tidak ada",
        "ya",
    ):
        caller.does(type="text", text=text)
    return str(caller.turn["ticket"])


def test_a_tickets_page_says_what_the_telephone_says_and_nothing_personal(site: Site) -> None:
    ticket = reported(site)
    status, page = site.fetch(f"/tiket/{ticket}")
    assert status == 200 and "diterima Dinas Perhubungan" in page and "lampu jalan" in page
    assert "Budi" not in page and "Cikokol" not in page
    assert site.fetch(f"/tiket?nomor={ticket[:3]}%20{ticket[3:]}")[1] == page, "with a space, and by the form"


def test_a_tickets_page_reads_itself_out(site: Site) -> None:
    ticket = reported(site)
    with urlopen(f"{site.url}/tiket/{ticket}/suara.wav") as answer, wave.open(io.BytesIO(answer.read())) as sound:
        assert sound.getnframes() / sound.getframerate() > 5


@pytest.mark.parametrize("number", ["00000000", "1", "1234567", "../etc", "1234567890", "abcdefgh", "१२३४५६७८"])
def test_a_number_that_is_none_is_said_to_be_none(site: Site, number: str) -> None:
    status, page = site.fetch(f"/tiket/{quote(number, safe='')}")
    assert status == 404
    status, page = site.fetch(f"/tiket?nomor={quote(number, safe='')}")
    assert "belum ada di catatan" in page or status == 404


# -- files


@pytest.mark.parametrize("path", ["/widget.js", "/sw.js", "/widget/element.js", "/widget/worklet.js"])
def test_files_may_be_used_by_every_page(site: Site, path: str) -> None:
    with urlopen(site.url + path) as answer:
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_nothing_else_is_a_file(site: Site) -> None:
    assert site.fetch("/widget/../browser.py")[0] == 404
    assert site.fetch("/widget/%2e%2e/%2e%2e/session.py")[0] == 404
