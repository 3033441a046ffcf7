"""One pyttsx3 engine in a process of its own, started by `speech.espeak` and ended by the closing of its pipe.

Run as a file, so that it imports pyttsx3 and nothing of ours. Requests and answers are messages on one pipe:
JSON {"text", "pace"} comes in, and a WAV file goes out, or nothing (an empty message) when rendering failed.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

VOICE = "poz/id"  # espeak-ng's Indonesian, as pyttsx3 names it
FINISH_S = 30.0  # the parent has its own, shorter limit and kills; this only ends a forgotten wait


class Voice:
    """The engine, one sentence at a time.

    pyttsx3's `runAndWait` may return before the file is there, and its event loop swallows errors: so
    only the notice `finished-utterance`, given after the file is closed, counts as done. The file lies in
    memory (memfd), never on a disk: sentences may be personal.
    """

    def __init__(self) -> None:
        import pyttsx3
        from pyttsx3.drivers import _espeak

        # pyttsx3 has no way to ask for it: read [[...]] as phonemes, as the command line does (see speech.respell).
        _espeak.CHARS_UTF8 |= _espeak.PHONEMES
        self.finished = threading.Event()
        self.engine = pyttsx3.init("espeak")
        self.engine.connect("finished-utterance", self._finish)

    def _finish(self, **_: Any) -> None:
        self.finished.set()

    def render(self, text: str, pace: int) -> bytes:
        """A WAV file, or nothing when the voice is not Indonesian or the engine did not finish."""
        sound = os.memfd_create("sentence")
        try:
            self.finished.clear()
            self.engine.setProperty("voice", VOICE)
            self.engine.setProperty("rate", pace)
            self.engine.save_to_file(text, f"/proc/self/fd/{sound}")
            self.engine.runAndWait()
            if not self.finished.wait(FINISH_S) or self.engine.getProperty("voice") != VOICE:
                return b""
            with os.fdopen(os.dup(sound), "rb") as file:
                file.seek(0)
                return file.read()
        finally:
            os.close(sound)


def _leave_with_parent(parent: int) -> None:
    """A fork of the parent may hold our pipe open after the parent was killed: look for the parent itself, too."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def _read(pipe: Connection, requests: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Runs beside the engine, so that the closed pipe is seen even while the engine hangs."""
    try:
        while True:
            requests.put(json.loads(pipe.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)


def main(pipe: Connection, parent: int) -> None:
    """Serve until the parent is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)  # pyttsx3 prints
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(pipe, requests), daemon=True).start()
    threading.Thread(target=_leave_with_parent, args=(parent,), daemon=True).start()
    voice = Voice()
    while True:
        request = requests.get()
        pipe.send_bytes(voice.render(request["text"], request["pace"]))


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])), int(sys.argv[2]))
