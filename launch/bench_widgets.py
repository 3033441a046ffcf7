"""How long people wait at the web widget, with many of them at once: from the end of speech to the first sound.

Each browser is a WebSocket that sends its microphone in real time, 40 ms a message, speaks a report up to its ticket
and ends. All run in this process, on the same machine, and take their share of its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field

import numpy as np
import soxr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from ivr.channels.browser_wire import BROWSER_RATE
from ivr.channels.telephone_caller import ScriptedCaller
from ivr.channels.telephone_voice import Speech, room
from ivr.turns import END_SILENCE_MS
from launch.bench import KINDS, STAGGER_S, caller, cpu_seconds, own_line, waits_table

PIECE_MS = 40
PIECE_BYTES = PIECE_MS * BROWSER_RATE * 2 // 1000
ANSWER_AFTER_S = 0.3
LIMIT_S = 200.0


def at_browser_rate(pcm: bytes) -> bytes:
    """Sound of 8 kHz as a browser's microphone brings it."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    raised = soxr.resample(samples, 8000, BROWSER_RATE, quality="QQ")
    return bytes(np.clip(raised, -32768, 32767).astype("<i2").tobytes())


@dataclass
class Visitor:
    """One browser; `waits` are (step, ms beyond the silence that ends an answer)."""

    number: int
    waits: list[tuple[str, float]] = field(default_factory=list)
    ticket: str = ""
    fault: str = ""
    sound_s: float = 0.0
    _asked: dict[str, str] = field(default_factory=dict)
    _mark: str = ""
    _step: str = ""
    _kind: str = ""
    _saying: bytes = b""
    _ended_s: float | None = None
    _play_until_s: float = 0.0
    _say_at_s: float | None = None

    async def call(self, url: str) -> None:
        await asyncio.sleep(self.number * STAGGER_S)
        script = caller(self.number)
        began = time.monotonic()
        address = url.replace("http", "ws", 1) + "/widget/stream"
        async with connect(address, origin=Origin(url), compression=None, proxy=None, ping_interval=None) as socket:
            await socket.send(json.dumps({"type": "hello", "call": "", "voice": True, "mic": True}))
            speaking = asyncio.create_task(self._speak(socket, script))
            try:
                async with asyncio.timeout(LIMIT_S):
                    async for data in socket:
                        await self._take(socket, data)
                        if self.ticket:
                            break
            except (ConnectionClosed, TimeoutError) as error:
                self.fault = type(error).__name__
            finally:
                if speaking.done() and (failed := speaking.exception()):
                    self.fault = repr(failed)
                speaking.cancel()
                self.sound_s = time.monotonic() - began

    async def _take(self, socket: ClientConnection, data: str | bytes) -> None:
        now_s = time.monotonic()
        if isinstance(data, bytes):
            if self._ended_s is not None:
                self.waits.append((self._step, (now_s - self._ended_s) * 1000 - END_SILENCE_MS[self._kind]))
                self._ended_s = None
            self._play_until_s = max(self._play_until_s, now_s) + len(data) / 8000
            return
        message = json.loads(data)
        match message["type"]:
            case "turn":
                self.ticket = message["ticket"]
                if message["listen"]:
                    self._asked = message["listen"]
            case "mark" if message["listen"]:
                self._mark, self._say_at_s = message["mark"], max(now_s, self._play_until_s) + ANSWER_AFTER_S

    async def _speak(self, socket: ClientConnection, script: ScriptedCaller) -> None:
        quiet = at_browser_rate(room())
        due_s, at = time.monotonic(), 0
        while True:
            now_s = time.monotonic()
            if self._say_at_s is not None and now_s >= self._say_at_s:
                self._say_at_s = None
                await socket.send(json.dumps({"type": "heard", "mark": self._mark}))
                self._step, self._kind = self._asked["step"], self._asked["kind"]
                said = await asyncio.to_thread(script.asked, self._step, [])
                if isinstance(said, Speech):
                    self._saying = await asyncio.to_thread(at_browser_rate, said.pcm)
                    self._ended_s = time.monotonic() + said.end_ms / 1000
            piece, self._saying = self._saying[:PIECE_BYTES], self._saying[PIECE_BYTES:]
            at = (at + PIECE_BYTES) % (len(quiet) - PIECE_BYTES)
            await socket.send(piece + quiet[at : at + PIECE_BYTES - len(piece)])
            due_s += PIECE_MS / 1000
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))


async def visit(url: str, many: int) -> list[Visitor]:
    visitors = [Visitor(number) for number in range(many)]
    await asyncio.gather(*(visitor.call(url) for visitor in visitors))
    return visitors


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench widgets", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--at-once", type=int, default=50, help="browsers at once (50)")
    wanted = parser.parse_args()
    for number in range(wanted.at_once):  # rendered before, so that this process only sends
        for step in KINDS:
            caller(number).asked(step, [])
    os.environ["MAX_WIDGETS"] = str(2 * wanted.at_once)  # one address holds half of all places
    print(f"Starting a line, then {wanted.at_once} browsers at once; about two minutes.")
    with own_line() as (url, leader):
        before, began = cpu_seconds(leader), time.monotonic()
        visitors = asyncio.run(visit(url, wanted.at_once))
        took, used = time.monotonic() - began, cpu_seconds(leader) - before
    sound_s = sum(visitor.sound_s for visitor in visitors)
    reported = sum(bool(visitor.ticket) for visitor in visitors)
    print("".join(f"{visitor.number}: {visitor.fault}\n" for visitor in visitors if visitor.fault), end="")
    print(waits_table([wait for visitor in visitors for wait in visitor.waits if wait[0] in KINDS]))
    print(f"{reported} of {len(visitors)} reached their ticket by voice; {sound_s:.0f} s of calls in {took:.0f} s.")
    print(f"CPU of the line: {used:.0f} s, {used / sound_s:.3f} of a core for each; {os.cpu_count()} cores.")
    return 0 if reported == len(visitors) else 1


if __name__ == "__main__":
    sys.exit(main())
