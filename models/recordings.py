"""Sound at rest: encrypted while it is heard, so that a crash loses at most a tenth of a second.

A recording is a file of lines; each line is one sealed piece of mu-law sound at 8 kHz (the
telephone's own coding, so nothing is lost by it). A piece that was cut by a crash is the last line,
and is left out on reading.
"""

from __future__ import annotations

import audioop
import contextlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from models.crypto import UnreadableSecret, Vault

PIECE_MS = 100  # longest sound that a crash can cost; shorter than any word (about 200 ms)
PIECE_BYTES = PIECE_MS * 16  # 16-bit samples at 8 kHz


class RecordingMissing(Exception):
    """The file of a recording is not there (deleted after its time, or not yet fetched)."""


class RecordingWriter:
    """Takes sound of one recording as it is heard. Used by one thread."""

    def __init__(self, file: BinaryIO, vault: Vault) -> None:
        self._file = file
        self._vault = vault
        self._pending = bytearray()
        self.ms = 0  # sound taken so far

    def append(self, pcm: bytes) -> None:
        """Take 16-bit mono samples at 8 kHz; every full `PIECE_MS` goes to the file at once."""
        self._pending += pcm
        self.ms += len(pcm) // 16
        while len(self._pending) >= PIECE_BYTES:
            self._write(bytes(self._pending[:PIECE_BYTES]))
            del self._pending[:PIECE_BYTES]

    def close(self) -> None:
        if not self._file.closed:
            if self._pending:
                self._write(bytes(self._pending[: len(self._pending) // 2 * 2]))
            self._file.close()

    def _write(self, pcm: bytes) -> None:
        self._file.write(self._vault.seal(audioop.lin2ulaw(pcm, 2)) + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class Recordings:
    """The folder of recordings, by recording id."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _path(self, recording_id: str) -> Path:
        if not recording_id.isalnum():
            raise RecordingMissing("not the identifier of a recording")
        return self._folder / recording_id[:2] / f"{recording_id}.sealed"

    def writer(self, recording_id: str) -> RecordingWriter:
        """Begin a recording. The file is unbuffered: what is written survives a kill."""
        path = self._path(recording_id)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        return RecordingWriter(path.open("ab", buffering=0), self._vault)

    def read_pcm(self, recording_id: str) -> bytes:
        """16-bit mono samples at 8 kHz.

        Raises:
            RecordingMissing: when there is no such file.
            UnreadableSecret: when it does not open with the configured keys.
        """
        try:
            lines = self._path(recording_id).read_bytes().split(b"\n")
        except FileNotFoundError:
            raise RecordingMissing("the sound is not here: deleted after its time, or not yet fetched") from None
        pieces = [self._vault.open(line) for line in lines[:-1]]
        with contextlib.suppress(UnreadableSecret):  # the last line lacks its end: cut by a crash
            pieces += [self._vault.open(lines[-1])] if lines[-1] else []
        return audioop.ulaw2lin(b"".join(pieces), 2)

    def delete(self, recording_id: str) -> None:
        """Remove the sound for good; harmless when it is gone already."""
        self._path(recording_id).unlink(missing_ok=True)
