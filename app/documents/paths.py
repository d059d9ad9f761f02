"""Which paths a document may be put at over HTTP. Pure."""

import unicodedata
from pathlib import PurePosixPath

from app.documents.errors import NotReadable
from app.errors import InvalidRequest
from ingest.folder_rules import LABELS_FILE
from ingest.readers.formats import ENDINGS, media_type_by_name

_LONGEST = 1024
"""Bytes of a path: more than that no client shows, and systems take four times."""

_LONGEST_NAME = 200
"""Bytes of one name; file systems take 255."""

_DEEPEST = 16

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Categories of characters that nobody sees, or that are none."""


def path_of(raw: bytes) -> str:
    """Return the path that a request names, which may be the path of a document.

    Args:
        raw: Bytes of the path, percent-decoded.

    Raises:
        InvalidRequest: No document can have it.
    """
    try:
        path = raw.decode()
    except UnicodeDecodeError as error:
        raise _refused("it is not valid UTF-8") from error
    if len(raw) > _LONGEST:
        raise _refused(f"it is longer than {_LONGEST} bytes")
    names = path.split("/")
    if len(names) > _DEEPEST:
        raise _refused(f"it is deeper than {_DEEPEST} folders")
    for name in names:
        if wrong := _wrong(name):
            raise _refused(wrong)
    return path


def new_path_of(raw: bytes) -> str:
    """Return the path that a request names, at which a document may be put.

    Names are written as most systems write them, composed: one that looks the same is
    the same.

    Raises:
        InvalidRequest: No document may be put there.
        NotReadable: No reader takes a file of this name.
    """
    path = unicodedata.normalize("NFC", path_of(raw))
    name = PurePosixPath(path).name
    if name.lower() == LABELS_FILE:
        raise _refused("such a file says who may see its folder; only the operator may")
    if media_type_by_name(name) is None:
        raise NotReadable(
            f"No file of such a name is read: its name must end in {', '.join(ENDINGS)}."
        )
    return path


def _wrong(name: str) -> str:
    """Return what is wrong with one part of a path, or ""."""
    if name in ("", ".", ".."):
        return "it must name a file below the folder, without . and .. and empty parts"
    if name.startswith("."):
        return "no name in it may begin with a dot"
    if len(name.encode()) > _LONGEST_NAME:
        return f"a name in it is longer than {_LONGEST_NAME} bytes"
    if "\\" in name or any(unicodedata.category(c) in _UNSEEN for c in name):
        return "it holds a backslash, or a character that nobody sees"
    if name != name.strip():
        return "a name in it begins or ends with a blank"
    return ""


def _refused(why: str) -> InvalidRequest:
    return InvalidRequest(f"The path is not taken: {why}.", param="path")
