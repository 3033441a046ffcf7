"""Recordings: sealed on the disk, whole after a crash."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from models.crypto import UnreadableSecret, Vault
from models.recordings import PIECE_BYTES, RecordingMissing, Recordings

SOUND = b"".join(round(8000 * math.sin(n / 5)).to_bytes(2, "little", signed=True) for n in range(4000))


@pytest.fixture
def recordings(tmp_path: Path, vault: Vault) -> Recordings:
    return Recordings(tmp_path / "recordings", vault)


def file_of(tmp_path: Path) -> Path:
    return next((tmp_path / "recordings").rglob("*.sealed"))


def test_what_is_written_is_read_back(recordings: Recordings) -> None:
    with recordings.writer("a1") as writer:
        for at in range(0, len(SOUND), 320):
            writer.append(SOUND[at : at + 320])
    back = recordings.read_pcm("a1")
    assert len(back) == len(SOUND) and writer.ms == len(SOUND) // 16
    loudest = max(abs(a - b) for a, b in zip(memoryview(back).cast("h"), memoryview(SOUND).cast("h"), strict=True))
    assert loudest < 300  # mu-law's own error at this level


def test_sound_reaches_the_disk_while_it_is_heard(recordings: Recordings) -> None:
    writer = recordings.writer("a1")
    writer.append(SOUND)  # never closed: the process is killed
    assert len(recordings.read_pcm("a1")) == len(SOUND) // PIECE_BYTES * PIECE_BYTES


def test_a_piece_cut_by_a_crash_costs_only_itself(recordings: Recordings, tmp_path: Path) -> None:
    with recordings.writer("a1") as writer:
        writer.append(SOUND)
    file = file_of(tmp_path)
    file.write_bytes(file.read_bytes()[:-40])
    assert len(recordings.read_pcm("a1")) == len(SOUND) - PIECE_BYTES


def test_nothing_on_the_disk_can_be_heard_without_the_key(recordings: Recordings, tmp_path: Path) -> None:
    with recordings.writer("a1") as writer:
        writer.append(SOUND)
    assert file_of(tmp_path).stat().st_mode & 0o077 == 0
    other = Recordings(tmp_path / "recordings", Vault([Fernet.generate_key().decode()], "other"))
    with pytest.raises(UnreadableSecret):
        other.read_pcm("a1")


def test_missing_and_foreign_names(recordings: Recordings) -> None:
    for name in ("nothing", "../../etc/passwd"):
        with pytest.raises(RecordingMissing):
            recordings.read_pcm(name)


def test_keys_can_be_rotated() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault([old], "x").seal_text("+6281234")
    assert Vault([new, old], "x").open_text(sealed) == "+6281234"
