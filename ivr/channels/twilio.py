"""Twilio's webhooks: every request signed, stored, answered with TwiML. Waits for nobody.

A call goes: `/twilio/voice` -> media stream -> `/twilio/continue`, which gives the line to a person,
ends the call, or opens the stream again where the dialogue stood. Without a stream the same dialogue
goes through `/twilio/keys` and `/twilio/recorded`. The query `again` counts streams within a call; it is
signed like everything else, and so needs no store.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from twilio.twiml.voice_response import Connect, Dial, Stream, VoiceResponse
from werkzeug.exceptions import HTTPException

from ivr.channels.twilio_keys import Addresses, is_recording_url, keyed, recorded, recording_duration_ms, twiml
from ivr.channels.twilio_media import LiveStreams, add_media_route
from ivr.channels.twilio_signature import TwilioSignature
from ivr.conversation import Conversation, Evidence, Output, Speak
from ivr.effects import Listen, Say
from ivr.events import Event, HandOverEnded, HungUp
from models.store.calls import TurnTaken
from speech import spoken
from speech.audio import wav_bytes
from speech.clips import sentences
from speech.synthesize import STANDARD_PACE, SynthesisFailed

if TYPE_CHECKING:
    from ivr.line import Line

log = structlog.get_logger(__name__)

MOST_STREAMS = 6  # the first, and 5 more after breaks; a line that breaks more often is better off with keys
DIAL_TIMEOUT_S = 25  # about five rings; then the caller is told rather than left ringing
BODY_LIMIT = 64 * 1024  # bytes of a webhook; Twilio's are about 1 kB

# Numbers that Twilio writes for callers who withhold theirs: the letters on a telephone's keys.
_WITHHELD = {
    "+266696687": "ANONYMOUS",
    "+7378742833": "RESTRICTED",
    "+2562533": "BLOCKED",
    "+8656696": "UNKNOWN",
    "+86282452253": "UNAVAILABLE",
}
_CALL_SID = re.compile(r"CA[0-9a-f]{32}")
_NOT_REACHED = frozenset({"busy", "failed", "no-answer", "canceled"})
_ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def caller_number(value: str) -> str | None:
    """The caller's number as Twilio gives it; None when it is withheld."""
    return None if value in _WITHHELD or not value.lstrip("+").isdigit() else value


def twilio_blueprint(
    line: Line, base_url: str, auth_token: str, account_sid: str, recordings_origin: str | None = None
) -> Blueprint:
    """All routes that Twilio calls, the media stream's WebSocket among them.

    Args:
        line: the parts of the process.
        base_url: the one public URL that signatures are checked against, without a slash at its end.
        auth_token, account_sid: of the account whose calls are taken.
        recordings_origin: trusted beside Twilio's own as the place of recordings; for the test telephone only.
    """
    blueprint = Blueprint("twilio", __name__)
    signature = TwilioSignature(base_url, auth_token)
    streams = LiveStreams()

    @blueprint.before_request
    def only_twilio() -> None:
        request.max_content_length = BODY_LIMIT
        if request.endpoint == "twilio.audio":
            return  # carries a token of ours in its address
        if not signature.passes(request):
            log.warning("twilio signature refused", signed_url=signature.signed_url(request))
            abort(403)
        if request.method == "POST" and request.form.get("AccountSid") != account_sid:
            log.warning("twilio account refused", signed_url=signature.signed_url(request))
            abort(403)

    @blueprint.errorhandler(Exception)
    def trouble(error: Exception) -> ResponseReturnValue:
        """An English "application error" is what the caller would hear from Twilio otherwise."""
        if isinstance(error, HTTPException):
            return error
        log.exception("webhook failed", path=request.path)
        return hooks.trouble()

    hooks = Webhooks(line, signature, streams, account_sid, recordings_origin)
    routes: dict[str, Callable[[], ResponseReturnValue]] = {
        "voice": hooks.voice,
        "continue": hooks.go_on,
        "dialled": hooks.dialled,
        "keys": hooks.keys,
        "recorded": hooks.recorded,
        "status": hooks.status,
        "notice": hooks.notice,
        "notice-over": hooks.notice_over,
    }
    for name, view in routes.items():
        blueprint.add_url_rule(f"/twilio/{name}", name, view, methods=["POST"])
    blueprint.add_url_rule("/twilio/audio/<key>.wav", "audio", hooks.audio, methods=["GET"])
    add_media_route(blueprint, line, streams, account_sid)
    return blueprint


class Webhooks:
    """The views of the blueprint; each gets a request whose signature has been checked."""

    def __init__(
        self,
        line: Line,
        signature: TwilioSignature,
        streams: LiveStreams,
        account_sid: str,
        recordings_origin: str | None,
    ) -> None:
        self._line = line
        self._signature = signature
        self._streams = streams
        self._account_sid = account_sid
        self._recordings_origin = recordings_origin

    # -- the routes

    def voice(self) -> ResponseReturnValue:
        """A call comes in: it is in the store before it is answered."""
        return self._stream_or_keys(self._call_id(), stream=1)

    def go_on(self) -> ResponseReturnValue:
        """The stream ended, by our will or by a fault."""
        call_id = self._call_id()
        conversation = self._line.conversation(call_id)
        if conversation.pending_hand_over:
            return self._dial(conversation, conversation.pending_hand_over)
        if conversation.ended:
            return _hang_up()
        return self._stream_or_keys(call_id, stream=_stream_number())

    def dialled(self) -> ResponseReturnValue:
        """The person who was called put down, or never answered; the caller is back."""
        answered = request.form.get("DialCallStatus") in ("completed", "answered")
        return self._hand_over_ended(self._line.conversation(self._call_id()), answered)

    def keys(self) -> ResponseReturnValue:
        """A turn by keys, or the begin of a conversation by keys."""
        conversation = self._line.conversation(self._call_id())
        event = keyed(request.form, silent="silence" in request.args)
        return self._turn(conversation, event)

    def recorded(self) -> ResponseReturnValue:
        """A turn by recording: the address of the sound is in the store before anything else is done."""
        call_id = self._call_id()
        url = request.form.get("RecordingUrl", "")
        evidence = None
        if is_recording_url(url, self._account_sid, self._recordings_origin):
            recording_id = self._line.calls.remote_recording(call_id, url)
            evidence = Evidence(recording_id, 0, recording_duration_ms(request.form))
        else:
            log.error("a recording's address is not Twilio's; not stored", call=call_id)
        event = recorded(request.form, stored=evidence is not None)
        return self._turn(self._line.conversation(call_id), event, evidence)

    def status(self) -> ResponseReturnValue:
        """The call is over. A live stream ends itself; without one the hang-up is written here."""
        if request.form.get("CallStatus") in _ENDED:
            call = self._line.calls.by_provider(_call_sid())
            if call and call.ended_at is None and not self._streams.hang_up(call.id):
                self._handle(self._line.conversation(call.id), HungUp())
        return "", 204

    def notice(self) -> ResponseReturnValue:
        """A call of ours was taken: say what there is to say, twice, for the first words of a call are often missed."""
        response = VoiceResponse()
        text = self._line.notices.text_of_message(request.args.get("notice", ""))
        if text:
            urls = self._clip_urls(Speak("notice", spoken.say_text(text), STANDARD_PACE))
            response.pause(length=1)
            _play(response, urls)
            response.pause(length=1)
            _play(response, urls)
        response.hangup()
        return _xml(response)

    def notice_over(self) -> ResponseReturnValue:
        """A call of ours is over; who did not take it is called again."""
        if request.form.get("CallStatus") in _NOT_REACHED:
            self._line.call_not_taken(_call_sid())
        return "", 204

    def audio(self, key: str) -> ResponseReturnValue:
        """The sound of one sentence."""
        if not self._signature.opens_clip(key, request.args.get("until", ""), request.args.get("token", "")):
            log.warning("token of a clip refused")
            abort(403)
        wav = self._line.voice.wav(key) or self._spoken_wav(key)
        if wav is None:
            abort(404)
        return Response(wav, mimetype="audio/wav", headers={"Cache-Control": "private, max-age=86400"})

    def trouble(self) -> ResponseReturnValue:
        """Something of ours is broken: the caller is told, and what was said stays in the store."""
        response = VoiceResponse()
        text = self._line.prompts.text(Say("trouble"), self._line.today())
        _play(response, self._clip_urls(Speak("trouble", text, STANDARD_PACE)))
        response.hangup()
        return _xml(response)

    # -- parts of them

    def _call_id(self) -> str:
        return self._line.begin("twilio", _call_sid(), caller_number(request.form.get("From", "")))

    def _stream_or_keys(self, call_id: str, stream: int, before: tuple[Output, ...] = ()) -> ResponseReturnValue:
        """Open the media stream; if it cannot be had, say so and go on by keys."""
        if self._line.hearing() is None:
            return self._keys_instead(call_id, before, "speech-missing")
        if stream > MOST_STREAMS:
            return self._keys_instead(call_id, before, None)
        if not self._line.gate.enter():
            return self._keys_instead(call_id, before, "line-busy")
        self._line.gate.leave()  # a look only; the stream itself enters
        response = VoiceResponse()
        for output in before:
            if isinstance(output, Speak):
                _play(response, self._clip_urls(output))
        connect = Connect()
        media = Stream(url=self._signature.stream_url + "/twilio/media")
        media.parameter(name="call", value=call_id)
        media.parameter(name="caller", value=caller_number(request.form.get("From", "")) or "")
        connect.append(media)
        response.append(connect)
        response.redirect(f"{self._signature.base_url}/twilio/continue?again={stream + 1}", method="POST")
        return _xml(response)

    def _keys_instead(self, call_id: str, before: tuple[Output, ...], excuse: str | None) -> ResponseReturnValue:
        conversation = self._line.conversation(call_id)
        apology = (self._prompt(excuse, conversation),) if excuse else ()
        return self._answer(conversation, (*before, *apology, *self._open(conversation)))

    def _dial(self, conversation: Conversation, target: str) -> ResponseReturnValue:
        number = self._line.numbers.get(target, "")
        if not number:
            return self._hand_over_ended(conversation, answered=False)
        response = VoiceResponse()
        action = f"{self._signature.base_url}/twilio/dialled?again={_stream_number()}"
        dial = Dial(action=action, method="POST", timeout=DIAL_TIMEOUT_S)
        dial.number(number)
        response.append(dial)
        return _xml(response)

    def _hand_over_ended(self, conversation: Conversation, answered: bool) -> ResponseReturnValue:
        if not conversation.pending_hand_over:  # the same webhook twice
            return self._stream_or_keys(conversation.call_id, _stream_number())
        outputs = self._handle(conversation, HandOverEnded(answered))
        if conversation.ended:
            return self._answer(conversation, outputs)
        # The stream asks the open question itself; only what leads to it is played here.
        asked = next((output.step for output in outputs if isinstance(output, Listen)), None)
        told = tuple(o for o in outputs if isinstance(o, Speak) and o.prompt != asked)
        return self._stream_or_keys(conversation.call_id, _stream_number(), told)

    def _turn(
        self, conversation: Conversation, event: Event | None, evidence: Evidence | None = None
    ) -> ResponseReturnValue:
        outputs = self._open(conversation) if event is None else self._handle(conversation, event, evidence)
        return self._answer(conversation, outputs)

    def _answer(self, conversation: Conversation, outputs: tuple[Output, ...]) -> ResponseReturnValue:
        if not outputs:  # nothing new: what is open is in the store (a twin of this request may have changed it)
            conversation = self._line.conversation(conversation.call_id)
            if conversation.ended:
                return _hang_up()
        base = self._signature.base_url
        at = Addresses(
            f"{base}/twilio/keys", f"{base}/twilio/recorded", f"{base}/twilio/continue?again={MOST_STREAMS + 1}",
            self._clip_urls,
        )  # fmt: skip
        return _xml(twiml(outputs, at, conversation.expects()))

    def _open(self, conversation: Conversation) -> tuple[Output, ...]:
        try:
            return conversation.open()
        except TurnTaken:
            return ()  # the same webhook at the same moment: its twin has written the turn; ask what is open

    def _handle(self, conversation: Conversation, event: Event, evidence: Evidence | None = None) -> tuple[Output, ...]:
        try:
            return conversation.handle(event, evidence)
        except TurnTaken:
            log.info("turn taken by another request", call=conversation.call_id)
            return ()

    def _clip_urls(self, speak: Speak) -> list[str]:
        """Where the prompt's sentences are; one that cannot be rendered is left out, and logged."""
        if speak.announcement and self._line.announcement_sound(speak.announcement):
            return [self._signature.clip_url(speak.announcement)]
        urls = []
        for text in sentences(speak.text):
            try:
                urls.append(self._signature.clip_url(self._line.voice.clip(text, speak.pace).key))
            except SynthesisFailed:
                log.exception("a sentence could not be spoken", prompt=speak.prompt)
        return urls

    def _spoken_wav(self, key: str) -> bytes | None:
        """The recording of the announcement whose id this is."""
        pcm = self._line.announcement_sound(key)
        return wav_bytes(pcm) if pcm else None

    def _prompt(self, name: str, conversation: Conversation) -> Speak:
        return Speak(name, self._line.prompts.text(Say(name), self._line.today()), conversation.state.pace)


def _call_sid() -> str:
    """The call's name at Twilio; 400 for what cannot be one."""
    sid = request.form.get("CallSid", "")
    if not _CALL_SID.fullmatch(sid):
        abort(400)
    return sid


def _stream_number() -> int:
    """How many streams this call will have had with the next one; the address is signed, but may be old."""
    again = request.args.get("again", "1")
    return int(again) if again.isascii() and again.isdigit() and len(again) < 4 else 1


def _play(response: VoiceResponse, urls: list[str]) -> None:
    for url in urls:
        response.play(url)


def _hang_up() -> Response:
    response = VoiceResponse()
    response.hangup()
    return _xml(response)


def _xml(response: VoiceResponse) -> Response:
    return Response(str(response), mimetype="text/xml")
