"""A browser's WebSocket to a live session and back: speech, keys, touch and typing, all open at every step.

What may come: garbage, another browser's token, sound without end, a hundred times real time, nothing at all,
a browser that never reads, a second tab of the same call. Each ends this stream with a message that says why,
and the call waits in the store for who comes back with its token (`CALL_LOST_S`, then the sweep repairs it).

Time is not counted while the microphone is off: who types, or reads Braille, is never hurried.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from simple_websocket import ConnectionClosed

from ivr.channels import browser_call
from ivr.channels import browser_wire as wire
from ivr.channels.twilio_media import Ending, LiveStreams
from ivr.conversation import Output
from ivr.effects import HandOver
from ivr.state import State
from speech.audio import LiveHalver, mulaw_from_pcm

if TYPE_CHECKING:
    from ivr.channels.browser_places import Places
    from ivr.line import Line
    from ivr.session import Session

log = structlog.get_logger(__name__)

TICK_S = 0.25  # how often a stream without messages is looked after
HELLO_WITHIN_S = 5.0  # a browser says hello at once
DEAD_AFTER_S = 25  # a browser says that it is alive every 10 s; one that takes nothing for so long is gone
SEND_WITHIN_S = 10  # a whole turn's sound fits into the kernel's buffer: who takes none of it for so long never reads
ALIVE_S = 5.0  # how often the store hears that the call lives
QUIET_MOST = 2  # questions without an answer, before the microphone is switched off
SOUND_AHEAD_S = 30.0  # sound that may come at once, after a network that stood still
SOUND_SPEED = 1.25  # else it may not come faster than it is spoken, by much: clocks differ
MOST_WAITING = 1000  # messages that came while one was worked on: 40 s of sound in pieces of 40 ms
MESSAGES_AHEAD, MESSAGES_A_SECOND = 60.0, 15.0  # fast fingers make 10 keys a second, and prompts 2 marks


class WebSocket(Protocol):
    """The part of simple_websocket.Server that is used."""

    sock: socket.socket
    input_buffer: list[str | bytes]

    def send(self, data: str | bytes) -> None: ...

    def receive(self, timeout: float | None = None) -> str | bytes | None: ...

    def close(self, reason: int | None = None, message: str | None = None) -> None: ...


class Refused(Exception):
    """The stream cannot go on; `code` is what the browser is told."""

    def __init__(self, code: wire.Problem, why: str) -> None:
        super().__init__(why)
        self.code: wire.Problem = code


class Allowance:
    """What may come: so much at once, and so much a second."""

    def __init__(self, most: float, a_second: float) -> None:
        self._left = self._most = most
        self._a_second = a_second
        self._at_s = time.monotonic()

    def take(self, amount: float) -> bool:
        """Whether that much more is within bounds."""
        now_s = time.monotonic()
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._a_second) - amount
        self._at_s = now_s
        return self._left >= 0


class BrowserOutlet:
    """Where a session's sound and words go (`ivr.session.Outlet` and `Screen`)."""

    def __init__(self, ws: WebSocket, numbers: dict[str, str], silent: bool) -> None:
        self._ws = ws
        self._numbers = numbers
        self.silent = silent
        self.released = False  # nothing more is said
        self.dialling = False  # the caller telephones somebody, and may come back

    def send(self, message: dict[str, Any]) -> None:
        self._ws.send(json.dumps(message, ensure_ascii=False))

    def show(self, outputs: tuple[Output, ...], state: State) -> None:
        self.dialling = any(isinstance(output, HandOver) for output in outputs)
        self.send(wire.turn_message(outputs, state.ticket, self._numbers))

    def understood(self, text: str) -> None:
        self.send(wire.understood_message(text))

    def play(self, pcm: bytes, mark: str) -> None:
        """Queue sound; `mark` comes back by `Session.played`. The browser has its own tone for "speak now"."""
        message = wire.mark_message(mark)
        if pcm and not message["listen"]:
            self._ws.send(mulaw_from_pcm(pcm))
        self.send(message)

    def stop(self) -> None:
        self.send(wire.CLEAR)

    def release(self) -> None:
        """The browser has all that is to be played."""
        self.released = True


class BrowserStream:
    """One WebSocket from handshake to close."""

    def __init__(self, ws: WebSocket, line: Line, places: Places, streams: LiveStreams, address: str) -> None:
        self._ws = ws
        self._line = line
        self._places = places
        self._streams = streams
        self._address = address
        self._leave: Refused | None = None  # asked for by another thread
        self._session: Session | None = None
        self._outlet: BrowserOutlet | None = None
        self._call_id = ""  # set when the stream is the call's one
        self._mic = False
        self._quiet_before = 0  # questions without an answer before the microphone was switched on
        self._halver = LiveHalver()
        self._sound = Allowance(SOUND_AHEAD_S, SOUND_SPEED)
        self._messages = Allowance(MESSAGES_AHEAD, MESSAGES_A_SECOND)
        self._begun_s = self._idle_s = self._alive_s = self._received_s = self._acted_s = time.monotonic()
        # The kernel gives up for us on a browser that is gone or never reads: both would hold a thread for ever.
        self._wait(socket.SO_SNDTIMEO, SEND_WITHIN_S)
        self._wait(socket.SO_RCVTIMEO, DEAD_AFTER_S)

    def _wait(self, option: int, seconds: int) -> None:
        with suppress(OSError):  # closed already
            self._ws.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))

    def end(self, how: Ending) -> None:
        """Ask the stream to end, for another has the call; from another thread."""
        self._leave = Refused("moved", "the call goes on in another stream")

    def give_place(self) -> None:
        self._leave = Refused("idle", "somebody else needs the place")

    def idle_s(self) -> float:
        return 0.0 if self._mic else time.monotonic() - self._acted_s

    def run(self) -> None:
        """Until the call ends, in whatever way. Raises nothing: the thread belongs to the web server."""
        ending: Ending = "lost"
        try:
            ending = self._converse()
        except (ConnectionClosed, OSError):
            log.info("browser stream lost", call=self._call_id)
        except wire.BadMessage as error:
            log.warning("browser stream broken", call=self._call_id, fault=str(error))
            self._tell("bad")
        except Refused as error:
            log.info("browser stream refused", call=self._call_id, fault=str(error))
            self._tell(error.code)
        except Exception:
            log.exception("browser stream failed", call=self._call_id)
            self._tell("trouble")
        finally:
            self._finish(ending)

    def _tell(self, code: wire.Problem) -> None:
        with suppress(ConnectionClosed, OSError):
            self._ws.send(json.dumps(wire.problem_message(code)))

    def _converse(self) -> Ending:
        while True:
            if self._leave is not None:
                raise self._leave
            if len(self._ws.input_buffer) > MOST_WAITING:
                raise Refused("fast", "more than can be heard")
            data = self._ws.receive(timeout=TICK_S)
            now_s = time.monotonic()
            if data is not None:
                self._received_s = now_s
                if self._take(wire.parse(data), now_s) is not None:
                    return "hang-up"
            self._look_after(now_s)
            if self._session is not None and self._session.finished:
                raise Refused("moved", "another process goes on with the call")
            if self._outlet is not None and self._outlet.released and not self._outlet.dialling:
                return "lost"  # our own wish: the call has ended, and takes no other ending

    # -- a message

    def _take(self, message: wire.Message, now_s: float) -> Ending | None:
        if isinstance(message, wire.Hello):
            self._hello(message)
            return None
        session = self._live()
        if isinstance(message, wire.Sound):
            self._hear(session, message.samples, now_s)
            return None
        if not self._messages.take(1):
            raise Refused("fast", "too many messages")
        if not isinstance(message, wire.Alive | wire.Heard):
            self._acted_s = now_s
        match message:
            case wire.Key():
                session.press(message.key)
            case wire.Typed():
                session.write(message.text)
            case wire.Heard():
                session.played(message.mark)
            case wire.Switch(what="mic"):
                self._switch_mic(session, message.on)
            case wire.Switch():
                assert self._outlet is not None
                self._outlet.silent = not message.on
            case wire.Back():
                self._back(session, message.answered)
            case wire.Alive():
                assert self._outlet is not None
                self._outlet.send(wire.ALIVE)  # the browser, too, must know that the wire lives
            case wire.Stop():
                return "hang-up"
        return None

    def _live(self) -> Session:
        if self._session is None:
            raise wire.BadMessage("came before hello")
        return self._session

    def _hello(self, hello: wire.Hello) -> None:
        if self._session is not None:
            raise wire.BadMessage("second hello")
        call_id = self._known(hello.call) if hello.call else ""
        if not self._places.enter(self, self._address):
            raise Refused("busy", "no room for one more stream")
        token = hello.call or browser_call.new_token()
        call_id = call_id or browser_call.begin(self._line, token)
        if not self._streams.take(call_id, self):
            raise Refused("busy", "the call's older stream does not end")
        self._call_id = call_id
        self._mic = hello.mic
        self._outlet = BrowserOutlet(self._ws, self._line.numbers, silent=not hello.voice)
        self._outlet.send(wire.call_message(token))
        self._open()

    def _known(self, token: str) -> str:
        call = browser_call.find(self._line, token)
        if call is None:
            raise Refused("ended", "that call is over")
        return call.id

    def _open(self) -> None:
        assert self._outlet is not None
        self._session = self._line.session(self._call_id, self._outlet, self._outlet)
        target = self._line.conversation(self._call_id).pending_hand_over
        if target:
            self._outlet.dialling = True
            self._outlet.send({**wire.turn_message((), "", {}), "dial": wire.dial(target, self._line.numbers)})
        else:
            self._session.open()

    def _hear(self, session: Session, samples: bytes, now_s: float) -> None:
        if not self._sound.take(len(samples) / 2 / wire.BROWSER_RATE):
            raise Refused("fast", "more sound than can be spoken")
        self._idle_s = now_s
        if self._mic:  # else it is late, from before the microphone was switched off
            session.hear(self._halver.push(samples))

    def _switch_mic(self, session: Session, on: bool) -> None:
        self._mic, self._idle_s, self._quiet_before = on, time.monotonic(), session.quiet
        if not on:
            session.spoken_out()

    def _back(self, session: Session, answered: bool) -> None:
        """The caller has telephoned, or tried to: the dialogue says something to it, and asks on."""
        assert self._outlet is not None
        if self._outlet.dialling:
            self._outlet.released = self._outlet.dialling = False
            session.came_back(answered)

    # -- time

    def _look_after(self, now_s: float) -> None:
        """Time passes for a session that listens even when no sound comes."""
        if now_s - self._received_s > DEAD_AFTER_S:
            raise ConnectionClosed()
        if self._session is None:
            if now_s - self._begun_s > HELLO_WITHIN_S:
                raise wire.BadMessage("no hello")
            return
        if now_s - self._alive_s >= ALIVE_S:
            self._alive_s = now_s
            with suppress(*self._line.store_errors):
                self._line.calls.touch(self._call_id)
        if not self._mic:
            self._idle_s = now_s
        elif now_s - self._idle_s >= TICK_S:
            self._session.idle(round((now_s - self._idle_s) * 1000))
            self._idle_s = now_s
        if self._mic and self._session.quiet >= self._quiet_before + QUIET_MOST and self._outlet is not None:
            self._mic = False
            self._outlet.send(wire.REST)

    # -- the end

    def _finish(self, ending: Ending) -> None:
        try:
            if self._session is not None:
                self._session.close(ending)
        except Exception:
            log.exception("session did not close", call=self._call_id)
        finally:
            if self._call_id:
                self._streams.leave(self._call_id, self)
            self._places.leave(self)
        self._wait(socket.SO_SNDTIMEO, 1)
        try:
            self._ws.close()
        except (ConnectionClosed, OSError):
            with suppress(OSError):  # nobody reads: the thread that waits for the browser's word must end, too
                self._ws.sock.shutdown(socket.SHUT_RDWR)
