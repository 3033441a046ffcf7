"""Twilio's webhooks over real HTTP: who is let in, and what they are answered."""

from __future__ import annotations

import base64
import datetime as dt
import re
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import structlog
from websockets.exceptions import InvalidStatus

from ivr.channels.telephone_caller import ScriptedCaller
from ivr.channels.telephone_recordings import RecordingHost
from ivr.channels.twilio import MOST_STREAMS
from ivr.channels.twilio_signature import DAY_S, TwilioSignature
from ivr.events import Heard, Keyed, Started
from models.db import connect
from models.tables import Base
from routing.announcements import NewAnnouncement, announce
from speech.audio import read_wav, tone
from tests.ivr.channels.served import ACCOUNT, CALLER, TOKEN, Served, form

PUBLIC = {"twilio.audio"}  # opened by a token in its address; see its own tests


def new_sid() -> str:
    return "CA" + uuid.uuid4().hex


def handed_over(served: Served, key: str = "0") -> str:
    """A call that waits to be given to a person; its CallSid."""
    sid, call_id = served.begin()
    conversation = served.line.conversation(call_id)
    conversation.open()
    conversation.handle(Keyed(key))
    assert served.line.conversation(call_id).pending_hand_over
    return sid


# -- who is let in


def test_every_route_refuses_what_twilio_did_not_sign(served: Served) -> None:
    rules = [rule for rule in served.app.url_map.iter_rules() if rule.endpoint.startswith("twilio.")]
    assert len(rules) >= 8
    for rule in rules:
        if rule.endpoint in PUBLIC:
            continue
        if rule.websocket:
            with pytest.raises(InvalidStatus) as refused:
                served.connect(signature="", path=rule.rule)
            assert refused.value.response.status_code == 403, rule.rule
            continue
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            assert served.send(method, rule.rule, form(new_sid()), {})[0] == 403, rule.rule


@pytest.mark.parametrize("wrong", ["other token", "other host", "http for https", "other body", "other account"])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(served: Served, wrong: str) -> None:
    sid = new_sid()
    sent = form(sid)
    if wrong == "other token":
        status, _ = served.post("/twilio/voice", sent, token="another")
    elif wrong == "other host":
        status, _ = served.post("/twilio/voice", sent, signed_url="http://somewhere.example/twilio/voice")
    elif wrong == "http for https":
        status, _ = served.post("/twilio/voice", sent, signed_url=served.url.replace("http", "https") + "/twilio/voice")
    elif wrong == "other body":
        signature = TwilioSignature(served.url, TOKEN)._validator.compute_signature(served.url + "/twilio/voice", sent)
        status, _ = served.send(
            "POST", "/twilio/voice", {**sent, "From": "+6281111111111"}, {"X-Twilio-Signature": signature}
        )
    else:
        status, _ = served.post("/twilio/voice", {**sent, "AccountSid": "AC" + "6" * 32})
    assert status == 403
    assert served.line.calls.by_provider(sid) is None


def test_the_host_header_does_not_choose_what_is_signed(served: Served) -> None:
    sent = form(new_sid())
    url = "http://evil.example/twilio/voice"
    signature = TwilioSignature(served.url, TOKEN)._validator.compute_signature(url, sent)
    headers = {"X-Twilio-Signature": signature, "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert served.send("POST", "/twilio/voice", sent, headers)[0] == 403


def test_a_refusal_says_in_one_log_line_which_url_was_signed_and_nothing_personal(served: Served) -> None:
    with structlog.testing.capture_logs() as lines:
        served.post(f"/twilio/keys?from={CALLER}", form(new_sid(), Digits="12345"), token="another")
    [line] = [line for line in lines if "signature" in line["event"]]
    assert line["signed_url"] == f"{served.url}/twilio/keys"
    assert "8123456" not in str(lines) and "12345" not in str(line)


def test_an_empty_token_lets_nobody_in(served: Served) -> None:
    check = TwilioSignature(served.url, "")
    with served.app.test_request_context("/twilio/voice", method="POST", data=form(new_sid())) as context:
        url = served.url + "/twilio/voice"
        signature = check._validator.compute_signature(url, form(new_sid()))
        context.request.headers.environ["HTTP_X_TWILIO_SIGNATURE"] = signature  # type: ignore[attr-defined]
        assert not check.passes(context.request)


def test_only_post_and_only_small_bodies(served: Served) -> None:
    assert served.send("GET", "/twilio/voice", {}, {})[0] == 405
    assert served.post("/twilio/voice", form(new_sid(), Junk="x" * 100_000))[0] == 413


@pytest.mark.parametrize("sid", ["", "CA1", "CA" + "g" * 32, "x" * 5000])
def test_a_call_without_a_proper_name_is_refused(served: Served, sid: str) -> None:
    assert served.post("/twilio/voice", form(sid))[0] == 400


# -- a call comes in


def test_a_call_is_stored_and_gets_a_stream_that_carries_its_number(served: Served) -> None:
    sid = new_sid()
    document = served.twiml("/twilio/voice", sid)
    call = served.line.calls.by_provider(sid)
    assert call is not None and call.caller_lookup == served.line.vault.lookup(CALLER)
    assert [verb.tag for verb in document] == ["Connect", "Redirect"]
    stream = document.find("Connect/Stream")
    assert stream is not None and stream.get("url") == served.url.replace("http", "ws") + "/twilio/media"
    given = {p.get("name"): p.get("value") for p in stream.findall("Parameter")}
    assert given == {"call": call.id, "caller": CALLER}
    again = served.twiml("/twilio/voice", sid)
    assert again.find("Connect/Stream/Parameter").get("value") == call.id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "withheld", ["anonymous", "+266696687", "Restricted", "", "+86282452253", "sip:ani@example.com"]
)
def test_a_withheld_number_is_none(served: Served, withheld: str) -> None:
    sid = new_sid()
    served.twiml("/twilio/voice", sid, From=withheld)
    call = served.line.calls.by_provider(sid)
    assert call is not None and call.caller_lookup is None and call.caller_sealed is None


def test_a_full_line_apologises_and_goes_on_by_keys(served: Served) -> None:
    while served.line.gate.enter():
        pass
    document = served.twiml("/twilio/voice", new_sid())
    assert document.find("Connect") is None
    gather = document.find("Gather")
    assert gather is not None and gather.get("numDigits") == "1"
    assert served.words(document).startswith("Maaf, saluran suara sedang penuh.")


def test_without_a_recogniser_the_line_works_by_keys(served: Served) -> None:
    served.line.hearing = lambda: None
    document = served.twiml("/twilio/voice", new_sid())
    assert document.find("Gather") is not None
    assert "pengenal suara sedang diperbaiki" in served.words(document)


def test_a_broken_store_is_told_to_the_caller(served: Served, tmp_path: Path) -> None:
    Base.metadata.drop_all(connect(f"sqlite:///{tmp_path / 'line.db'}"))
    document = served.twiml("/twilio/voice", new_sid())
    assert "gangguan" in served.words(document)
    assert [verb.tag for verb in document][-1] == "Hangup"


# -- after the stream


def test_a_stream_that_ended_too_early_is_opened_again_a_few_times(served: Served) -> None:
    sid, call_id = served.begin()
    served.line.conversation(call_id).open()
    document = served.twiml("/twilio/continue?again=2", sid)
    assert document.find("Connect") is not None
    assert (document.find("Redirect").text or "").endswith("/twilio/continue?again=3")  # type: ignore[union-attr]
    late = served.twiml(f"/twilio/continue?again={MOST_STREAMS + 1}", sid)
    assert late.find("Connect") is None and late.find("Gather") is not None


def test_a_call_that_has_ended_is_hung_up(served: Served) -> None:
    sid, call_id = served.begin()
    served.line.calls.end(call_id, "goodbye")
    for path in ("/twilio/continue", "/twilio/keys"):
        assert [verb.tag for verb in served.twiml(path, sid)] == ["Hangup"]


def test_a_hand_over_dials_the_configured_number(served: Served) -> None:
    served.line.numbers["operator"] = "+622155550111"
    document = served.twiml("/twilio/continue", handed_over(served))
    assert [verb.tag for verb in document] == ["Dial"]
    assert document.findtext("Dial/Number") == "+622155550111"
    assert int(document.find("Dial").get("timeout", "0")) > 0  # type: ignore[union-attr]


def test_without_a_number_to_dial_the_caller_is_told_and_the_dialogue_goes_on(served: Served) -> None:
    sid = handed_over(served)
    document = served.twiml("/twilio/continue", sid)
    assert "petugas belum bisa menerima telepon" in served.words(document)
    assert document.find("Connect") is not None
    call = served.line.calls.by_provider(sid)
    assert call is not None and served.line.conversation(call.id).pending_hand_over is None


@pytest.mark.parametrize(("outcome", "step"), [("completed", "menu"), ("no-answer", "message"), ("busy", "message")])
def test_a_dialled_line_that_ended_brings_the_caller_back_once(served: Served, outcome: str, step: str) -> None:
    sid = handed_over(served)
    document = served.twiml("/twilio/dialled?again=1", sid, DialCallStatus=outcome)
    assert document.find("Connect") is not None and served.words(document)
    call = served.line.calls.by_provider(sid)
    assert call is not None and served.line.conversation(call.id).state.step == step
    turns = served.line.calls.last_turn(call.id)
    served.twiml("/twilio/dialled?again=1", sid, DialCallStatus=outcome)
    assert served.line.calls.last_turn(call.id) == turns


# -- keys and recordings


def test_a_report_by_keys_and_recording_alone_becomes_a_case(served: Served) -> None:
    served.line.hearing = lambda: None
    answers = {"report": "lampu jalan mati di depan masjid", "landmark": "keys:#", "after-ticket": "hang-up"}
    record = served.telephone().call(ScriptedCaller(answers, otherwise="keys:1"))
    call = served.line.calls.by_provider(record.call_sid)
    assert call is not None and "report" in record.steps
    rows = [row for turn in served.line.calls.turns(call.id) if (row := turn.recording_id)]
    recording = served.line.calls.recording(rows[0])
    assert recording is not None and (recording.remote_url or "").startswith(served.recordings.origin)
    assert served.line.cases.by_ticket(record.number_heard("play")) is not None


def test_a_recording_is_known_before_the_dialogue_goes_on_and_only_once(served: Served) -> None:
    sid, call_id = served.begin()
    conversation = served.line.conversation(call_id)
    conversation.open()
    conversation.handle(Keyed("1"))
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'1' * 32}"
    served.twiml("/twilio/recorded?step=report", sid, RecordingUrl=url, RecordingDuration="7")
    [turn] = [turn for turn in served.line.calls.turns(call_id) if turn.recording_id]
    assert (turn.step, turn.kind, turn.end_ms) == ("report", "no-match", 7000)
    assert served.line.conversation(call_id).state.unfinished
    assert served.line.calls.remote_recording(call_id, url) == turn.recording_id


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:6379/x",
        "https://api.twilio.com.evil.example/2010-04-01/Accounts/{sid}/Recordings/RE{re}",
        "https://api.twilio.com/2010-04-01/Accounts/ACother/Recordings/RE{re}",
        "https://api.twilio.com/2010-04-01/Accounts/{sid}/Recordings/../../RE{re}",
        "https://user@evil.example/2010-04-01/Accounts/{sid}/Recordings/RE{re}",
        "",
    ],
)
def test_a_recording_from_elsewhere_is_not_stored_and_the_call_goes_on(served: Served, url: str) -> None:
    sid, call_id = served.begin()
    served.line.conversation(call_id).open()
    url = url.format(sid=ACCOUNT, re="1" * 32)
    document = served.twiml("/twilio/recorded?step=menu", sid, RecordingUrl=url, RecordingDuration="3")
    assert document.find("Gather") is not None
    assert all(turn.recording_id is None for turn in served.line.calls.turns(call_id))


def test_silence_is_another_event_than_a_key(served: Served) -> None:
    sid, call_id = served.begin()
    served.twiml("/twilio/keys", sid)
    served.twiml("/twilio/keys?step=menu&silence=1", sid)
    served.twiml("/twilio/keys?step=menu", sid, Digits="7")
    assert [turn.kind for turn in served.line.calls.turns(call_id)] == ["start", "silence", "key"]


# -- the end


def test_a_hang_up_after_something_was_said_still_makes_a_case(served: Served) -> None:
    sid, call_id = served.begin()
    conversation = served.line.conversation(call_id)
    conversation.open()
    conversation.handle(Keyed("1"))
    conversation.handle(Heard("lampu jalan mati di cikokol"))
    assert served.post("/twilio/status", form(sid, CallStatus="completed"))[0] == 204
    call = served.line.calls.get(call_id)
    assert call.ended_at is not None and call.end_reason == "hang-up"
    turns = served.line.calls.last_turn(call_id)
    assert served.post("/twilio/status", form(sid, CallStatus="completed"))[0] == 204
    assert served.line.calls.last_turn(call_id) == turns


def test_a_status_of_a_call_that_never_was_makes_none(served: Served) -> None:
    sid = new_sid()
    assert served.post("/twilio/status", form(sid, CallStatus="completed"))[0] == 204
    assert served.line.calls.by_provider(sid) is None


def test_a_status_on_the_way_changes_nothing(served: Served) -> None:
    sid, call_id = served.begin()
    served.line.conversation(call_id).handle(Started())
    assert served.post("/twilio/status", form(sid, CallStatus="in-progress"))[0] == 204
    assert served.line.calls.get(call_id).ended_at is None


# -- clips


def test_a_clip_is_given_for_its_token_only(served: Served) -> None:
    document = served.twiml("/twilio/keys", new_sid())
    url = document.find(".//Play").text or ""  # type: ignore[union-attr]
    path = url.removeprefix(served.url)
    status, body = served.send("GET", path, {}, {})
    assert status == 200 and body.startswith("RIFF")
    for wrong in (path.split("?")[0], re.sub("token=.", "token=_", path), re.sub(r"until=\d+", "until=99999", path)):
        assert served.send("GET", wrong, {}, {})[0] == 403


def test_an_announcement_that_was_recorded_is_played_on_the_way_of_keys(served: Served) -> None:
    line, now, voice = served.line, dt.datetime.now(dt.UTC), tone(440, 1200)
    wanted = NewAnnouncement(
        "a1b2", "Air mati.", "pju", None, now, now + dt.timedelta(hours=6), line.vault.seal(voice), 1200
    )
    announce(line.announcements, line.cases, line.knows.city, wanted, "sari", now)
    document = served.twiml("/twilio/keys", new_sid())
    paths = [(play.text or "").removeprefix(served.url) for play in document.iter("Play")]
    [path] = [path for path in paths if path.startswith("/twilio/audio/a1b2.wav")]
    status, body = served.send("GET", path, {}, {})
    assert status == 200 and body.startswith("RIFF")
    assert served.send("GET", path.split("?")[0], {}, {})[0] == 403


def test_a_token_lasts_two_days_at_most() -> None:
    check = TwilioSignature("https://line.example", TOKEN)
    now_s = 20_000 * DAY_S + 5.0
    until, token = re.findall(r"until=(\d+)&token=([\w%-]+)", check.clip_url("abc", now_s))[0]
    assert check.opens_clip("abc", until, token, now_s)
    assert not check.opens_clip("abd", until, token, now_s)
    assert not check.opens_clip("abc", until, token, now_s + 2 * DAY_S)


def test_a_recording_is_given_for_the_password_only(recording_host: RecordingHost) -> None:
    url = recording_host.keep(b"\1\0" * 800) + ".wav"
    with pytest.raises(HTTPError) as refused:
        urlopen(url)
    assert refused.value.code == 401
    password = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert read_wav(urlopen(Request(url, headers={"Authorization": f"Basic {password}"})).read()) == b"\1\0" * 800
