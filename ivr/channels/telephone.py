"""A telephone in a program: Twilio's side of a call, exactly, and a caller who speaks and presses keys.

It signs and posts the webhook, follows the TwiML that comes back, opens the media stream, and behaves as
Twilio does when something breaks: a stream that drops goes on with the next verb, a webhook that fails
is tried once more, then the fallback address, then the call ends.

    record = Telephone(url, token, account_sid).call(ScriptedCaller({"menu": "lapor"}))
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from urllib.request import ProxyHandler, Request, build_opener
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

from ivr.channels.telephone_caller import Caller, Keys, PutDown
from ivr.channels.telephone_record import CallRecord, Happening, HeardPrompt
from ivr.channels.telephone_recordings import RecordingHost
from ivr.channels.telephone_stream import StreamCall, TelephoneStream
from ivr.channels.telephone_voice import Speech, room
from speech.audio import BadAudio, duration_ms, read_wav, silence

READ_TIMEOUT_S = 15.0  # Twilio's own
MOST_DOCUMENTS = 200  # TwiML documents of one call; more is a loop
DialOutcome = Literal["completed", "busy", "no-answer", "failed", "canceled"]
Verb = ElementTree.Element
Next = tuple[str, dict[str, str]]  # address and extra parameters of the next webhook


class LineUnreachable(Exception):
    """The line cannot be called at all; says what to do."""


class Telephone:
    """Places calls. One object may place many, also at once from several threads.

    Args:
        base_url: the line's public URL, as configured there (signatures depend on it).
        auth_token, account_sid: of the account.
        number: the caller's, E.164; "anonymous" withholds it.
        text_of: words of a clip by its key, for the record.
        dial_outcome: what becomes of a `<Dial>`, by the number dialled.
        recordings: keeps what `<Record>` records; without it addresses at api.twilio.com are made up.
        hurry: do not wait while `<Play>` plays. Streams are always in real time.
        retry_s: how long a webhook that fails is tried again, as a proxy before the server would; Twilio
            itself tries once more at once.
        limit_s: the caller puts down after so long.
        on_step, on_event: called in the call's thread when a question was asked, and for everything.
    """

    def __init__(
        self,
        base_url: str,
        auth_token: str,
        account_sid: str,
        number: str = "+6281200000001",
        *,
        text_of: Callable[[str], str | None] | None = None,
        dial_outcome: Callable[[str], DialOutcome] = lambda number: "no-answer",
        recordings: RecordingHost | None = None,
        hurry: bool = False,
        retry_s: float = 0.0,
        limit_s: float = 600.0,
        on_step: Callable[[str], None] | None = None,
        on_event: Callable[[Happening], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.account_sid = account_sid
        self.number = number
        self.text_of = text_of or (lambda key: None)
        self.dial_outcome = dial_outcome
        self.recordings = recordings
        self.hurry = hurry
        self.retry_s = retry_s
        self.limit_s = limit_s
        self.on_step = on_step
        self.on_event = on_event
        self._validator = RequestValidator(auth_token)
        self._opener = build_opener(ProxyHandler({}))

    def call(self, caller: Caller) -> CallRecord:
        """Place one call, and stay until it ends.

        Raises:
            LineUnreachable: the first webhook was not answered with TwiML.
        """
        call = _Call(self, caller)
        call.run()
        return call.record

    def signature(self, url: str, params: Mapping[str, str] | None = None) -> str:
        """X-Twilio-Signature of a request."""
        return str(self._validator.compute_signature(url, dict(params or {})))

    def post(self, url: str, params: Mapping[str, str]) -> str:
        """One signed webhook; the body of its answer.

        Raises:
            OSError: not answered (HTTPError for 4xx and 5xx).
        """
        headers = {"X-Twilio-Signature": self.signature(url, params), "User-Agent": "TwilioProxy/1.1"}
        request = Request(url, urlencode(params).encode(), headers)  # noqa: S310 - the configured URL
        with self._opener.open(request, timeout=READ_TIMEOUT_S) as answer:
            return str(answer.read().decode())

    def get(self, url: str) -> bytes:
        """Sound for a `<Play>`; not signed.

        Raises:
            OSError: not answered.
        """
        with self._opener.open(url, timeout=READ_TIMEOUT_S) as answer:
            return bytes(answer.read())


class _Call:
    """One call from ringing to the status callback."""

    def __init__(self, telephone: Telephone, caller: Caller) -> None:
        self._telephone = telephone
        self._caller = caller
        self._sid = "CA" + uuid.uuid4().hex
        self._at = ""  # address of the document that is carried out
        self.record = CallRecord(self._sid, on_event=telephone.on_event)

    def run(self) -> None:
        url = f"{self._telephone.base_url}/twilio/voice"
        after: Next | None = (url, {"CallStatus": "ringing"})
        for number in range(MOST_DOCUMENTS):
            if after is None:
                break
            document = self._fetch(*after, first=number == 0)
            if document is None:
                self.record.outcome = "failed"
                break
            after = self._carry_out(document)
        self.record.note("end", self.record.outcome)
        self._tell_status()

    # -- webhooks

    def _parameters(self, extra: Mapping[str, str]) -> dict[str, str]:
        number = self._telephone.number
        own = {"CallSid": self._sid, "AccountSid": self._telephone.account_sid, "ApiVersion": "2010-04-01"}
        people = {"From": number, "Caller": number, "To": "+622150000000", "Called": "+622150000000"}
        return {**own, **people, "Direction": "inbound", "CallStatus": "in-progress", **extra}

    def _fetch(self, url: str, extra: dict[str, str], first: bool) -> Verb | None:
        """The TwiML at an address; tried as Twilio does. None when the call is over for want of it."""
        url = urljoin(self._at or url, url)
        fallback = f"{self._telephone.base_url}/twilio/voice"
        failure: Exception | None = None
        for address, more in ((url, {}), (url, {}), (fallback, {"ErrorUrl": url, "ErrorCode": "11200"})):
            try:
                return self._attempt(address, {**extra, **more})
            except (OSError, ElementTree.ParseError) as error:
                failure = error
                name = f"{type(error).__name__} {error.code}" if isinstance(error, HTTPError) else type(error).__name__
                self.record.note("failed", urlsplit(address).path, name)
                if isinstance(error, HTTPError) and error.code < 500:
                    break
        if first:
            raise LineUnreachable(_advice(self._telephone.base_url, failure)) from failure
        return None

    def _attempt(self, url: str, extra: dict[str, str]) -> Verb:
        give_up_s = time.monotonic() + self._telephone.retry_s
        while True:
            try:
                self.record.note("webhook", urlsplit(url).path)
                document = ElementTree.fromstring(self._telephone.post(url, self._parameters(extra)))  # noqa: S314
                self._at = url
                return document
            except HTTPError as error:
                if error.code < 500 or time.monotonic() >= give_up_s:
                    raise
            except OSError:
                if time.monotonic() >= give_up_s:
                    raise
            time.sleep(0.25)

    def _tell_status(self) -> None:
        duration = str(self.record.now_ms // 1000)
        parameters = self._parameters({"CallStatus": "completed", "CallDuration": duration})
        try:
            self._telephone.post(f"{self._telephone.base_url}/twilio/status", parameters)
        except OSError as error:
            self.record.note("failed", "/twilio/status", type(error).__name__)

    # -- TwiML

    def _carry_out(self, document: Verb) -> Next | None:
        """Verb by verb; the next webhook, or None when the call has ended."""
        for verb in document:
            self.record.note("verb", verb.tag)
            after: Next | None = None
            match verb.tag:
                case "Connect":
                    if self._stream(verb) == "hung-up":
                        self._hang_up()
                case "Redirect":
                    return (verb.text or "").strip(), {}
                case "Dial":
                    after = self._dial(verb)
                case "Gather":
                    after = self._gather(verb)
                case "Record":
                    after = self._record_message(verb)
                case "Play":
                    self._play(verb)
                case "Pause":
                    self._wait(1000 * int(verb.get("length", "1")))
                case "Hangup":
                    return None
                case _:
                    raise ValueError(f"the telephone does not know the verb {verb.tag}")
            if after is not None or self.record.outcome == "caller":
                return after
        return None

    def _hang_up(self) -> None:
        self.record.outcome = "caller"

    def _stream(self, connect: Verb) -> str:
        stream = connect.find("Stream")
        if stream is None:
            raise ValueError("<Connect> without <Stream>")
        url = stream.get("url", "")
        call = StreamCall(
            url=url,
            signature=self._telephone.signature(url),
            call_sid=self._sid,
            account_sid=self._telephone.account_sid,
            stream_sid="MZ" + uuid.uuid4().hex,
            parameters={p.get("name", ""): p.get("value", "") for p in stream.findall("Parameter")},
            limit_s=max(0.0, self._telephone.limit_s - self.record.now_ms / 1000),
            text_of=self._telephone.text_of,
            on_step=self._telephone.on_step,
        )
        ending = TelephoneStream(call, self._caller, self.record).run()
        self.record.note("stream", ending)
        return ending

    def _dial(self, dial: Verb) -> Next | None:
        number = dial.find("Number")
        dialled = ((number.text if number is not None else dial.text) or "").strip()
        outcome = self._telephone.dial_outcome(dialled)
        self.record.note("dialled", dialled, outcome)
        action = dial.get("action")
        return (action, {"DialCallStatus": outcome}) if action else None

    def _play(self, play: Verb) -> None:
        url = (play.text or "").strip()
        key = urlsplit(url).path.rsplit("/", 1)[-1].removesuffix(".wav")
        try:
            pcm = read_wav(self._telephone.get(url))
        except (OSError, BadAudio) as error:
            self.record.note("failed", "Play", type(error).__name__)  # Twilio warns 12400, and goes on
            return
        begun_ms = self.record.now_ms
        self._wait(duration_ms(pcm), pcm)
        self.record.hear(HeardPrompt("play", key, self._telephone.text_of(key) or "", begun_ms))

    def _wait(self, ms: int, heard: bytes = b"") -> None:
        self.record.sound(heard or silence(ms), b"")
        if not self._telephone.hurry:
            time.sleep(ms / 1000)

    def _ask(self, action: str) -> Speech | Keys | PutDown | None:
        """The caller's answer to a question of the key path; None is silence."""
        step = parse_qs(urlsplit(action).query).get("step", [""])[0]
        self.record.note("asked", step)
        if self._telephone.on_step:
            self._telephone.on_step(step)
        answer = self._caller.asked(step, self.record.prompts)
        match answer:
            case Speech():
                self.record.note("said", step, answer.text)
            case Keys():
                self.record.note("pressed", step, answer.keys)
            case PutDown():
                self._hang_up()
            case _:
                self.record.note("quiet", step)
                return None
        return answer

    def _gather(self, gather: Verb) -> Next | None:
        for play in gather.findall("Play"):
            self._play(play)
        action = gather.get("action", self._at)
        answer = self._ask(action)
        if not isinstance(answer, Keys):  # a voice is not heard here
            if answer is None or isinstance(answer, Speech):
                self._wait(1000 * int(gather.get("timeout", "5")))
            return None
        finish = gather.get("finishOnKey", "#")
        keys = answer.keys[: int(gather.get("numDigits", "0")) or None]
        ended = finish and finish in keys
        digits = keys.split(finish, 1)[0] if ended else keys
        return action, {"Digits": digits, **({"FinishedOnKey": finish} if ended else {})}

    def _record_message(self, verb: Verb) -> Next | None:
        action = verb.get("action", self._at)
        answer = self._ask(action)
        if answer is None:
            self._wait(1000 * int(verb.get("timeout", "5")))
            return None  # an empty recording: Twilio goes on with the next verb
        pcm = answer.pcm if isinstance(answer, Speech) else room()
        pcm = pcm[: int(verb.get("maxLength", "3600")) * 16_000]
        self._wait(duration_ms(pcm))
        key = answer.keys[:1] if isinstance(answer, Keys) else "hangup" if isinstance(answer, PutDown) else ""
        seconds = str(max(1, round(duration_ms(pcm) / 1000)))
        url = self._keep(pcm)
        self.record.note("recorded", "", url)
        found = {"RecordingUrl": url, "RecordingSid": url.rsplit("/", 1)[-1], "RecordingDuration": seconds}
        after = {**found, **({"Digits": key} if key else {})}
        if isinstance(answer, PutDown):
            self._fetch(action, {**after, "CallStatus": "completed"}, first=False)
            return None
        return action, after

    def _keep(self, pcm: bytes) -> str:
        if self._telephone.recordings:
            return self._telephone.recordings.keep(pcm)
        sid = "RE" + uuid.uuid4().hex
        return f"https://api.twilio.com/2010-04-01/Accounts/{self._telephone.account_sid}/Recordings/{sid}"


def _advice(base_url: str, failure: Exception | None) -> str:
    if isinstance(failure, HTTPError) and failure.code == 403:
        return f"{base_url} refuses the signature: PUBLIC_URL and TWILIO_AUTH_TOKEN must be those it runs with"
    if isinstance(failure, HTTPError):
        return f"{base_url} answers with HTTP {failure.code}; its log says why"
    if isinstance(failure, URLError):
        return f"nothing answers at {base_url}; start the line with script/run"
    return f"{base_url} does not answer with TwiML; is it another program's port?"
