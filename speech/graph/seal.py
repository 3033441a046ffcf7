"""A seal ties the parts of a model directory together: a graph of other words, or of another network, is refused.

Vosk would load such a mixture without a word, and hear nonsense. Models of other makers have no seal.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

SEAL = "graph/seal.txt"
_SEALED = ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst", "graph/words.txt")


def write_seal(model: Path) -> None:
    """Seal a model directory that was just built."""
    (model / SEAL).write_text("".join(f"{_hash(model / name)}  {name}\n" for name in _SEALED))


def broken_seal(model: Path) -> str:
    """Name of the first part that is not the one that was sealed, or ""; "" too for a model without a seal."""
    seal = model / SEAL
    if not seal.is_file():
        return ""
    rows = (line.split(maxsplit=1) for line in seal.read_text().splitlines())
    return next((name for digest, name in rows if _hash(model / name) != digest), "")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
