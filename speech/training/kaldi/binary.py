"""Kaldi's binary primitives, little endian: a token ends with a space, every number says its size first."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
HEADER = b"\0B"


class ModelFormatError(Exception):
    """The file is no acoustic model that we can read."""


class Writer:
    """Writes to an open binary file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def raw(self, data: bytes) -> None:
        self._file.write(data)

    def token(self, name: str) -> None:
        self._file.write(name.encode() + b" ")

    def int32(self, *values: int) -> None:
        for value in values:
            self._file.write(struct.pack("<bi", 4, value))

    def float32(self, value: float) -> None:
        self._file.write(struct.pack("<bf", 4, value))

    def float64(self, value: float) -> None:
        self._file.write(struct.pack("<bd", 8, value))

    def integers(self, values: Sequence[int]) -> None:
        """std::vector<int32>: the size of one, the raw count, the values."""
        self._file.write(struct.pack("<bi", 4, len(values)) + np.asarray(values, "<i4").tobytes())

    def vector(self, values: Floats | Sequence[float]) -> None:
        self.token("FV")
        self.int32(len(values))
        self._file.write(np.ascontiguousarray(values, "<f4").tobytes())

    def matrix(self, values: Floats) -> None:
        self.token("FM")
        self.int32(*values.shape)
        self._file.write(np.ascontiguousarray(values, "<f4").tobytes())


class Reader:
    """Reads from bytes, front to back.

    Every method raises ModelFormatError if something else stands there, or the data end.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name, self._at = data, name, 0

    def fail(self, expected: str) -> ModelFormatError:
        return ModelFormatError(
            f"{self._name}: {expected} expected at byte {self._at}; the file is broken, or no model of ours: restore it"
        )

    def raw(self, count: int, expected: str) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise self.fail(expected)
        self._at += count
        return piece

    def until(self, end: bytes, expected: str) -> bytes:
        """What stands before `end`, which is passed over."""
        found = self._data.find(end, self._at)
        if found < 0:
            raise self.fail(expected)
        piece = self._data[self._at : found]
        self._at = found + len(end)
        return piece

    def token(self) -> str:
        return self.until(b" ", "a token").decode("ascii", "replace")

    def expect(self, name: str) -> None:
        before = self._at
        if self._data[before : before + len(name) + 1] != name.encode() + b" ":
            raise self.fail(name)
        self._at += len(name) + 1

    def int32(self) -> int:
        size, value = struct.unpack("<bi", self.raw(5, "a number"))
        if size != 4:
            raise self.fail("a number of 4 bytes")
        return int(value)

    def skip_number(self) -> None:
        """A float or a double."""
        size = self.raw(1, "a number")[0]
        self.raw(size, "a number")

    def vector(self) -> Floats:
        self.expect("FV")
        count = self.int32()
        return np.frombuffer(self.raw(4 * count, "a vector"), "<f4").astype(np.float32)

    def matrix(self) -> Floats:
        self.expect("FM")
        rows, columns = self.int32(), self.int32()
        return np.frombuffer(self.raw(4 * rows * columns, "a matrix"), "<f4").reshape(rows, columns).astype(np.float32)
