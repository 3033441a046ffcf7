"""Tiny corpora in the layouts that are read, of tones: what is in them is known."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile


def wav(seconds: float = 0.5, rate: int = 16000, channels: int = 1, hertz: float = 440.0, kind: str = "WAV") -> bytes:
    """A tone."""
    tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)
    file = io.BytesIO()
    soundfile.write(file, np.stack([tone] * channels, 1), rate, format=kind)
    return file.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def digits(root: Path, names: Mapping[str, bytes], **more: bytes) -> Path:
    """`names` are SPEAKER_CODE; a zip each."""
    files = {f"speech/test1/{name}.zip": zipped({f"{name}.wav": content}) for name, content in names.items()}
    return write(root / "data_indsp_digit_cdsr", {**files, **{f"speech/test1/{n}.zip": c for n, c in more.items()}})


def dialogue(root: Path, texts: Mapping[str, str], names: Mapping[str, bytes]) -> Path:
    answers = {
        f"text/{name}.ANS": "\n".join(f"{word}\n0|1" for word in text.split()).encode() for name, text in texts.items()
    }
    return write(
        root / "data_indsp_teldialog_svcsr",
        {"text/text.zip": zipped(answers), "speech/set1/all.zip": zipped({f"a/{n}.wav": c for n, c in names.items()})},
    )


def news(root: Path, texts: Mapping[str, str], sounds: Mapping[str, bytes], lexicon: str = "") -> Path:
    lines = "".join(f"{name}\t{text}\r\n" for name, text in texts.items())
    files = {
        "text/norm_transcript": lines.encode(),
        **{f"speech/{name}.wav": content for name, content in sounds.items()},
    }
    return write(root / "data_indsp_news_tts", {**files, "lst/word_phoneme.lex": lexicon.encode()})


def common_voice(root: Path, rows: list[dict[str, str]], clips: Mapping[str, bytes]) -> Path:
    home = write(root / "cv" / "id", {f"clips/{name}": content for name, content in clips.items()})
    with (home / "validated.tsv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["client_id", "path", "sentence", "gender", "accents"], delimiter="\t")
        writer.writeheader()
        writer.writerows({"accents": "", **row} for row in rows)
    return home


def bare(folder: Path, target: Path) -> Path:
    """The folder as a repository without a work tree, under the name that a mirror gives it."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    git_dir = target / f"somebody+{folder.name}" / "repo"
    git_dir.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(folder), str(git_dir)], check=True)
    return git_dir
