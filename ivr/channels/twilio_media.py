"""The media stream: Twilio's WebSocket to a live session and back.

A stream takes one thread of gunicorn's pool and one reader of simple_websocket. Measured with the real
session, 20 streams at once on a machine with 2 cores: 0.24 ms of CPU a frame (a quarter of a core in all),
43 threads, 0.4 MB a stream.

What may come: a broken message, a second `start`, sound before `start`, no sound at all, 10 MB at once.
In all of them the session is closed as "lost" (it keeps what was recorded), the WebSocket is closed, and
Twilio goes on with the next verb of our TwiML, `/twilio/continue`, which opens the stream again.
A message of an unknown kind is no fault (Twilio adds kinds without notice) and is passed over.

Two streams for one call: the newer wins, for a line that broke is often noticed last by us. The older
is closed first; a session is never in two threads.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Literal, Protocol

import structlog
from flask import Blueprint
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from ivr.channels import twilio_wire as wire
from speech.audio import FRAME_BYTES, duration_ms, mulaw_from_pcm, pcm_from_mulaw

if TYPE_CHECKING:
    from ivr.line import Line
    from ivr.session import Session

log = structlog.get_logger(__name__)

MESSAGE_LIMIT = 64 * 1024  # bytes; Twilio's own are under 1 kB
TICK_S = 0.5  # how often a stream without sound is looked after
START_WITHIN_S = 5.0  # Twilio sends `start` at once
NO_SOUND_S = 30.0  # Twilio sends 50 frames a second even in silence: a wire without any is dead
DRAIN_EXTRA_S = 3.0  # patience beyond the length of what is queued, before a good-bye counts as played
TAKE_OVER_S = 5.0  # how long a new stream waits for the call's older one to let go

Ending = Literal["hang-up", "lost"]


class WebSocket(Protocol):
    """The part of simple_websocket.Server that is used."""

    def send(self, data: str) -> None: ...

    def receive(self, timeout: float | None = None) -> str | bytes | None: ...

    def close(self, reason: int | None = None, message: str | None = None) -> None: ...


class Stream(Protocol):
    """What carries a live call, of whichever channel."""

    def end(self, how: Ending) -> None:
        """Ask it to end; from another thread."""


class LiveStreams:
    """The streams of this process, at most one a call."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._changed = threading.Condition()

    def take(self, call_id: str, stream: Stream) -> bool:
        """Make `stream` the call's one; an older one is told to end, and waited for. False when it does not."""
        with self._changed:
            older = self._streams.get(call_id)
            if older is not None:
                older.end("lost")
            if not self._changed.wait_for(lambda: call_id not in self._streams, TAKE_OVER_S):
                return False
            self._streams[call_id] = stream
            return True

    def leave(self, call_id: str, stream: Stream) -> None:
        with self._changed:
            if self._streams.get(call_id) is stream:
                del self._streams[call_id]
                self._changed.notify_all()

    def hang_up(self, call_id: str) -> bool:
        """Tell the call's stream that the caller is gone; False when the call has none here."""
        with self._changed:
            stream = self._streams.get(call_id)
        if stream is not None:
            stream.end("hang-up")
        return stream is not None


def add_media_route(blueprint: Blueprint, line: Line, streams: LiveStreams, account_sid: str) -> None:
    """`/twilio/media`; the blueprint has checked the signature before the handshake is answered."""
    blueprint.record_once(
        lambda state: state.app.config.setdefault("SOCK_SERVER_OPTIONS", {"max_message_size": MESSAGE_LIMIT})
    )

    @Sock().route("/twilio/media", bp=blueprint, endpoint="media")  # type: ignore[untyped-decorator]
    def media(ws: WebSocket) -> None:
        MediaStream(ws, line, streams, account_sid).run()


class TwilioOutlet:
    """Where a session's sound goes. Keeps count of what the caller has not yet heard.

    Twilio gives every mark back, those of forgotten sound too (at once, and in order); a session is told
    only of what was heard.
    """

    def __init__(self, ws: WebSocket, stream_sid: str) -> None:
        self._ws = ws
        self._stream_sid = stream_sid
        self._pending: deque[str] = deque()
        self._forgotten: deque[str] = deque()
        self._queued_until_s = 0.0  # monotonic
        self._released = False

    def play(self, pcm: bytes, mark: str) -> None:
        """Queue sound; `mark` comes back by `Session.played`."""
        for message in wire.media_messages(self._stream_sid, mulaw_from_pcm(pcm)):
            self._ws.send(message)
        self._queued_until_s = max(self._queued_until_s, time.monotonic()) + duration_ms(pcm) / 1000
        self._pending.append(mark)
        self._ws.send(wire.mark_message(self._stream_sid, mark))

    def stop(self) -> None:
        """Forget queued sound."""
        self._forgotten.extend(self._pending)
        self._pending.clear()
        self._queued_until_s = 0.0
        self._ws.send(wire.clear_message(self._stream_sid))

    def release(self) -> None:
        """The stream may end after what is queued."""
        self._released = True

    def heard(self, mark: str) -> bool:
        """A mark came back: True if its sound was heard, False if it was forgotten or never sent."""
        if mark in self._forgotten:
            while self._forgotten.popleft() != mark:
                pass
            return False
        if mark not in self._pending:
            return False
        while self._pending.popleft() != mark:
            pass
        return True

    @property
    def released(self) -> bool:
        return self._released

    @property
    def drained(self) -> bool:
        """Everything was heard, or should have been long ago."""
        return not self._pending or time.monotonic() > self._queued_until_s + DRAIN_EXTRA_S


class MediaStream:
    """One WebSocket from handshake to close."""

    def __init__(self, ws: WebSocket, line: Line, streams: LiveStreams, account_sid: str) -> None:
        self._ws = ws
        self._line = line
        self._streams = streams
        self._account_sid = account_sid
        self._asked_to_end: Ending | None = None
        self._session: Session | None = None
        self._outlet: TwilioOutlet | None = None
        self._call_id = ""  # set when the stream is the call's one
        self._admitted = False
        self._rest = b""  # sound that does not fill a frame yet
        self._begun_s = self._sound_s = self._idle_s = time.monotonic()

    def end(self, how: Ending) -> None:
        """Ask the stream to end; from another thread."""
        self._asked_to_end = how

    def run(self) -> None:
        """Until the call ends, in whatever way. Raises nothing: the thread belongs to the web server."""
        ending: Ending = "lost"
        try:
            ending = self._converse()
        except ConnectionClosed:
            log.info("media stream lost", call=self._call_id)
        except wire.BadMessage as error:
            log.warning("media stream broken", call=self._call_id, fault=str(error))
        except Exception:
            log.exception("media stream failed", call=self._call_id)
        finally:
            self._finish(ending)

    def _converse(self) -> Ending:
        while self._asked_to_end is None:
            text = self._ws.receive(timeout=TICK_S)
            now_s = time.monotonic()
            ending = self._take(wire.parse(text), now_s) if text is not None else None
            if ending:
                return ending
            self._look_after(now_s)
            if self._done():
                self._hear_the_rest()
                return "lost"  # our own wish: the session has finished, and takes no other ending
        return self._asked_to_end

    def _hear_the_rest(self) -> None:
        """Sound that came while we were slow (a store that made us wait) is kept before we close."""
        while (text := self._ws.receive(timeout=0)) is not None:
            message = wire.parse(text)
            if isinstance(message, wire.Media):
                self._hear(message.mulaw)

    def _take(self, message: wire.Message, now_s: float) -> Ending | None:
        match message:
            case wire.Start():
                self._start(message)
            case wire.Stop():
                return "hang-up"
            case wire.Media():
                self._sound_s = self._idle_s = now_s
                self._hear(message.mulaw)
            case wire.Dtmf():
                if message.key not in "ABCD":
                    self._live().press(message.key)
            case wire.MarkPlayed():
                if self._live() and self._outlet and self._outlet.heard(message.name):
                    self._live().played(message.name)
            case wire.Unknown():
                log.info("media stream: unknown kind of message passed over", call=self._call_id)
            case wire.Connected():
                pass
        return None

    def _live(self) -> Session:
        if self._session is None:
            raise wire.BadMessage("came before start")
        return self._session

    def _start(self, start: wire.Start) -> None:
        if self._session is not None:
            raise wire.BadMessage("second start")
        call = self._line.calls.by_provider(start.call_sid)
        if start.account_sid != self._account_sid or call is None or call.id != start.parameters.get("call"):
            raise wire.BadMessage("start is not of a call of ours")
        if not self._streams.take(call.id, self):
            raise wire.BadMessage("the call's older stream does not end")
        self._call_id = call.id
        self._admitted = self._line.gate.enter()
        if not self._admitted:
            raise wire.BadMessage("no room for one more stream")  # /twilio/continue tells the caller
        self._outlet = TwilioOutlet(self._ws, start.stream_sid)
        self._sound_s = self._idle_s = time.monotonic()
        self._session = self._line.session(call.id, self._outlet)
        self._session.open()

    def _hear(self, mulaw: bytes) -> None:
        session = self._live()
        sound = self._rest + pcm_from_mulaw(mulaw)
        whole = len(sound) - len(sound) % FRAME_BYTES
        for begin in range(0, whole, FRAME_BYTES):
            session.hear(sound[begin : begin + FRAME_BYTES])
        self._rest = sound[whole:]

    def _look_after(self, now_s: float) -> None:
        """Time passes for a session even when nothing comes."""
        if self._session is None:
            if now_s - self._begun_s > START_WITHIN_S:
                raise wire.BadMessage("no start")
            return
        if now_s - self._sound_s > NO_SOUND_S:
            raise wire.BadMessage("no sound")
        if now_s - self._idle_s >= TICK_S:
            self._session.idle(round((now_s - self._idle_s) * 1000))
            self._idle_s = now_s

    def _done(self) -> bool:
        if self._session is None or self._outlet is None:
            return False
        if self._outlet.released:
            return self._outlet.drained
        return self._session.finished

    def _finish(self, ending: Ending) -> None:
        try:
            if self._session is not None:
                self._session.close(ending)
        except Exception:
            log.exception("session did not close", call=self._call_id)
        finally:
            if self._call_id:
                self._streams.leave(self._call_id, self)
            if self._admitted:
                self._line.gate.leave()
        try:
            self._ws.close()
        except (ConnectionClosed, OSError):
            log.debug("media stream was closed already", call=self._call_id)
