"""Corpora that come as a table beside sound files: Common Voice, FLEURS, and calls that operators corrected."""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Iterator
from pathlib import Path

from speech.training.corpora.recording import Recording, Skipped

_GENDERS = {"male_masculine": "man", "female_feminine": "woman", "male": "man", "female": "woman"}
_GENDERS |= {"0": "man", "1": "woman"}  # FLEURS


def _rows(path: Path, columns: list[str] | None = None) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        yield from csv.DictReader(file, fieldnames=columns, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")


def read_common_voice(folder: Path) -> Iterator[Recording | Skipped]:
    """`validated.tsv` (or the splits) with `clips/` beside it, anywhere in the folder (CC0)."""
    for clips in sorted(folder.rglob("clips")):
        tables = [clips.parent / "validated.tsv"]
        if not tables[0].is_file():
            tables = [path for name in ("train", "dev", "test") if (path := clips.parent / f"{name}.tsv").is_file()]
        for row in (row for table in tables for row in _rows(table)):
            path = clips / row.get("path", "")
            if not path.is_file():
                yield Skipped("common-voice", "sound missing")
                continue
            speaker = f"cv:{row.get('client_id', '')[:16]}"
            group = _GENDERS.get(row.get("gender", ""), "")
            yield Recording(
                f"common-voice/{path.stem}", "common-voice", speaker, group, row.get("sentence", ""), path.read_bytes()
            )


FLEURS_COLUMNS = ["id", "file", "raw", "text", "characters", "samples", "gender"]


def read_fleurs(folder: Path) -> Iterator[Recording | Skipped]:
    """`id_id/*.tsv` with `audio/*.tar.gz` or unpacked folders (CC BY 4.0). Without speakers: each sentence is one."""
    for home in sorted(path for path in [folder, *folder.rglob("id_id")] if path.name == "id_id" and path.is_dir()):
        sounds = dict(_fleurs_sounds(home))
        for table in sorted(home.glob("*.tsv")):
            for row in _rows(table, FLEURS_COLUMNS):
                if row["file"] not in sounds:
                    yield Skipped("fleurs", "sound missing")
                    continue
                group = _GENDERS.get(row["gender"].strip().lower(), "")
                name = Path(row["file"]).stem
                yield Recording(
                    f"fleurs/{name}", "fleurs", f"fleurs:{row['id']}", group, row["raw"], sounds[row["file"]]
                )


def _fleurs_sounds(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(home.rglob("*.wav")):
        yield path.name, path.read_bytes()
    for path in sorted(home.rglob("*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content and member.name.endswith(".wav"):
                    yield Path(member.name).name, content.read()


def read_calls(folder: Path) -> Iterator[Recording | Skipped]:
    """Our own calls: `calls/transcripts.tsv` beside WAVs: file, speaker (a key, never a number), text."""
    for table in sorted(folder.rglob("calls/transcripts.tsv")):
        for row in _rows(table):
            path = table.parent / row.get("file", "")
            if not path.is_file():
                yield Skipped("calls", "sound missing")
                continue
            speaker = f"call:{row.get('speaker', '')}" if row.get("speaker") else ""
            yield Recording(f"calls/{path.stem}", "calls", speaker, "", row.get("text", ""), path.read_bytes())
