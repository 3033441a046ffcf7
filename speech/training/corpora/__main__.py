"""`python -m speech.training.corpora FOLDER WORK`: prepare a folder of corpora and tell what was found."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from speech.training.corpora import CorporaError, LeakError, prepare


def main() -> int:
    parser = argparse.ArgumentParser(prog="speech.training.corpora", description="Prepare speech corpora.")
    parser.add_argument("folder", type=Path, help="holds the corpora as they were fetched")
    parser.add_argument("work", type=Path, help="where the store is made")
    options = parser.parse_args()
    try:
        prepare(options.folder, options.work)
    except (CorporaError, LeakError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
