"""Writes hostile files to a folder, in a process of its own: some take much memory.

python -m tests.ingest.hostile FOLDER SECRET ADDRESS NAME ...
"""

import sys
from pathlib import Path

from tests.ingest.hostile import Place, hostile_files


def write(folder: Path, place: Place, names: frozenset[str]) -> None:
    """Write those of the files that are named."""
    for hostile in hostile_files(place):
        if hostile.name in names:
            (folder / hostile.name).write_bytes(hostile.make())


if __name__ == "__main__":
    write(Path(sys.argv[1]), Place(*sys.argv[2:4]), frozenset(sys.argv[4:]))
