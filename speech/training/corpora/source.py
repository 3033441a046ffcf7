"""Where the files of a corpus lie: in a folder, or in a git repository without a work tree."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class Source(Protocol):
    """Files by their path inside a corpus."""

    def find(self, pattern: str) -> list[str]:
        """Paths that match a regular expression, sorted."""

    def read(self, path: str) -> bytes:
        """Content; raises OSError if it cannot be had."""


class Folder:
    """An ordinary folder, such as a clone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, pattern: str) -> list[str]:
        paths = (path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())
        return sorted(path for path in paths if re.search(pattern, path))

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()


class GitObjects:
    """A bare repository: every file of any commit that is there; the news' sound is only in an older one."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        listing = self._git("rev-list", "--objects", "--all", "--missing=allow-any").decode("utf-8", "replace")
        named = [line.split(" ", 1) for line in listing.splitlines() if " " in line]
        kinds = self._git("cat-file", "--batch-check", given="".join(f"{name}\n" for name, _ in named).encode())
        found = zip(named, kinds.decode().splitlines(), strict=True)
        self._blobs: dict[str, str] = {}
        for (name, path), kind in found:
            if " blob " in kind:
                self._blobs.setdefault(path, name)  # the newest commit is listed first

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["git", f"--git-dir={self._git_dir}", *arguments]
        try:
            return subprocess.run(command, input=given, capture_output=True, check=True).stdout
        except subprocess.CalledProcessError as error:
            raise OSError(f"{self._git_dir}: git cannot read it; fetch it again") from error

    def find(self, pattern: str) -> list[str]:
        return sorted(path for path in self._blobs if re.search(pattern, path))

    def read(self, path: str) -> bytes:
        if path not in self._blobs:
            raise FileNotFoundError(f"{self._git_dir}: holds no {path}")
        return self._git("cat-file", "blob", self._blobs[path])


def sources_named(folder: Path, name: str) -> Iterator[Source]:
    """Every corpus whose folder's name holds `name`: at `folder` itself, or one level below."""
    for place in [folder, *sorted(child for child in folder.iterdir() if child.is_dir())]:
        if name in place.name:
            yield open_source(place)


def open_source(place: Path) -> Source:
    """A folder as it is, or the repository without a work tree that it is or holds."""
    for git_dir in (place, place / "repo"):
        if (git_dir / "HEAD").is_file() and (git_dir / "objects").is_dir():
            return GitObjects(git_dir)
    return Folder(place)
