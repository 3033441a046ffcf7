"""Finite-state transducers: written as text here, compiled by OpenFst's own programs (Debian: libfst-tools)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = "libfst-tools libfst22-plugins-base"
_TOOLS = ("fstcompile", "fstconnect", "fstencode", "fstdeterminize", "fstminimize", "fstarcsort", "fstconvert")
_PLUGIN = "olabel_lookahead-fst.so"
_PLACES = ("/usr/lib", "/usr/local/lib", "/opt")  # Debian keeps plugins in /usr/lib/ARCHITECTURE/fst/VERSION


class GraphError(Exception):
    """The graph could not be built; the message says what to install or to mend."""


class TextFst:
    """A transducer in OpenFst's text form. The source of the first arc is the start."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._states = 0

    def state(self) -> int:
        self._states += 1
        return self._states - 1

    def arc(self, source: int, target: int, label: int, output: int = 0, cost: float = 0.0) -> None:
        """Label 0 is epsilon; a cost is a negative natural logarithm of a probability."""
        self._lines.append(f"{source}\t{target}\t{label}\t{output}\t{cost:.6f}")

    def final(self, state: int, cost: float = 0.0) -> None:
        self._lines.append(f"{state}\t{cost:.6f}")

    def write(self, path: Path) -> None:
        path.write_text("\n".join(self._lines) + "\n")


class OpenFst:
    """The installed programs, with the folder of their plug-ins."""

    def __init__(self, plugins: Path | None = None) -> None:
        missing = [tool for tool in _TOOLS if not shutil.which(tool)]
        if missing:
            raise GraphError(f"{', '.join(missing)} not found; install them: apt install {PACKAGES}")
        folder = plugins or _find_plugins()
        if folder is None or not (folder / _PLUGIN).is_file():
            raise GraphError(f"OpenFst's plug-in {_PLUGIN} not found; install it: apt install {PACKAGES}")
        # Debian's plug-ins lie outside the loader's path.
        paths = [str(folder), os.environ.get("LD_LIBRARY_PATH", "")]
        self._env = {**os.environ, "LD_LIBRARY_PATH": ":".join(p for p in paths if p)}

    def run(self, *steps: str, folder: Path) -> None:
        """Run programs as one pipe inside a folder; their arguments are file names of that folder.

        Raises:
            GraphError: with the last line that they complained.
        """
        command = ["bash", "-o", "pipefail", "-c", " | ".join(steps)]
        done = subprocess.run(command, cwd=folder, env=self._env, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
            raise GraphError(f"OpenFst failed at {steps[0].split()[0]}: {last}")


def _find_plugins() -> Path | None:
    """Newest folder that holds the look-ahead plug-in, whatever the machine's architecture."""
    found = [p.parent for place in _PLACES for p in Path(place).glob(f"**/fst*/**/{_PLUGIN}")]
    direct = [p.parent for p in Path("/usr/lib").glob(f"*/fst/*/{_PLUGIN}")]
    return max(direct or found, default=None)
