"""Files that a command writes, and reads again to compare with."""

from pathlib import Path
from typing import TypeVar

import msgspec

from app.errors import NotReadable, NotWritable

T = TypeVar("T")

STDOUT = "-"
"""Name of the file that is the standard output."""


def check_writable(name: str) -> None:
    """Refuse a file that cannot be written.

    Args:
        name: Its path; "" and `STDOUT` name none.

    Raises:
        NotWritable: It is a folder, or its folder is not there.
    """
    if not name or name == STDOUT:
        return
    path = Path(name)
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise NotWritable(f"{name}: no file can be written there")


def replace(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all: an older one may be compared with.

    Raises:
        NotWritable: It cannot be written.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        raise NotWritable(f"{path}: {error.strerror or error}") from error


def read_again(path: Path, cls: type[T], *, name: str) -> T:
    """Read what ``--json`` wrote.

    Args:
        path: The file.
        cls: What it holds.
        name: What people call that.

    Raises:
        NotReadable: It cannot be read, or is something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=cls)
    except OSError as error:
        raise NotReadable(f"{path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotReadable(f"{path} is no {name} that --json wrote: {error}") from error
