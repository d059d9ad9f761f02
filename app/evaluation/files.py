"""Files that a command writes: refused before the work, written whole after it."""

from pathlib import Path

from app.errors import NotWritable

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
