"""Walks a folder of documents: which files there are, and what holds for each.

Nothing outside the folder is ever opened: links are not followed, not even one that
is put in place of a folder while it is read.
"""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from ingest.errors import FolderUnusable
from ingest.folder_rules import LABELS_FILE, FolderRules, rules_below
from ingest.opening import NO_FILE, listed

T = TypeVar("T")

_LINK = "a link; links are not followed"
_BIDIRECTIONAL = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


class Skipped(Struct, frozen=True, kw_only=True):
    """A file or folder that is not taken in.

    Attributes:
        path: Relative to the scanned folder; bytes that are no UTF-8 are escaped.
        reason: Why, for the person who keeps the documents.
        failed: That person should know: it was meant to be read, as far as one
            can tell.
        labels: Access labels that its folder gives it: who may be told of it.
    """

    path: str
    reason: str
    failed: bool
    labels: tuple[str, ...]


class Seen(Struct, frozen=True, kw_only=True):
    """A file that may be a document, as its folder tells of it without opening it.

    Attributes:
        path: Relative to the folder.
        size: Its bytes.
        changed: When it, or what is known of it, changed last, in seconds since the
            epoch.
        labels: Access labels that its folder gives it.
    """

    path: str
    size: int
    changed: float
    labels: tuple[str, ...]


def survey(folder: Path, labels: tuple[str, ...]) -> Iterator[Seen]:
    """Walk a folder as `scan` does, and open no file.

    Raises:
        FolderUnusable: The folder is missing, no folder, or cannot be read.
    """
    for entry in walked(folder, names_in(folder), FolderRules(labels), _seen):
        if isinstance(entry, Seen) and not wrong_name(entry.path):
            yield entry


def seen_at(folder: Path, path: str, labels: tuple[str, ...]) -> Seen | None:
    """Return the file at `path` if `survey` would tell of it.

    Raises:
        OSError: It cannot be found out.
    """
    rules, reason = rules_for(folder, path, labels)
    try:
        status = os.lstat(folder / path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    reason = reason or _passed_over(path, status.st_mode, rules) or wrong_name(path)
    if reason or not stat.S_ISREG(status.st_mode):
        return None
    return _seen(path, status, rules)


def rules_for(
    folder: Path, path: str, labels: tuple[str, ...]
) -> tuple[FolderRules, str]:
    """Return what holds for a file at `path`, be it there or not.

    Returns:
        What holds, and why the file would be passed over for its name, or "".

    Raises:
        OSError: It cannot be found out.
    """
    rules, prefix = FolderRules(labels), ""
    *above, _ = path.split("/")
    try:
        for name in ("", *above):
            prefix = f"{prefix}{name}/" if name else ""
            if name and (reason := _passed_over(prefix[:-1], stat.S_IFDIR, rules)):
                return rules, reason
            rules = rules_below(folder, prefix, rules, listed(folder, prefix[:-1]))
    except FileNotFoundError:
        pass  # What is not there yet has no rules of its own.
    except ValueError as error:
        return rules, f"the ignore rules of its folder are wrong: {error}"
    return rules, _passed_over(path, stat.S_IFREG, rules)


def names_in(folder: Path) -> list[str]:
    """Return the names in the folder of documents itself, sorted.

    Raises:
        FolderUnusable: It is missing, no folder, or cannot be read.
    """
    try:
        return listed(folder, "")
    except FileNotFoundError as error:
        raise FolderUnusable(f"{folder} does not exist") from error
    except NotADirectoryError as error:
        raise FolderUnusable(f"{folder} is not a folder") from error
    except OSError as error:
        raise FolderUnusable(f"{folder} cannot be read: {why(error)}") from error


def walked(
    root: Path,
    first: list[str],
    around: FolderRules,
    look: Callable[[str, os.stat_result, FolderRules], T],
) -> Iterator[T | Skipped]:
    """Yield what `look` makes of files, one open folder after the other."""
    stack: list[tuple[str, Iterator[str], FolderRules]] = []
    try:
        rules = rules_below(root, "", around, first)
    except (OSError, ValueError) as error:
        raise FolderUnusable(f"the ignore rules of {root}: {error}") from error
    stack.append(("", iter(first), rules))
    while stack:
        prefix, names, rules = stack[-1]
        name = next(names, None)
        if name is None:
            stack.pop()
            continue
        path = prefix + name
        try:
            status = os.lstat(f"{root}/{path}")
            if reason := _passed_over(path, status.st_mode, rules):
                yield skipped(path, reason, rules)
            elif stat.S_ISDIR(status.st_mode):
                inner = listed(root, path)
                below = rules_below(root, f"{path}/", rules, inner)
                stack.append((f"{path}/", iter(inner), below))
            else:
                yield look(path, status, rules)
        except (OSError, ValueError) as error:
            yield skipped(path, _unread(error), rules, failed=True)


def wrong_name(path: str) -> str:
    """Return what is wrong with a name that could not be shown to anybody, or ""."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not valid UTF-8; rename it"
    if any(unicodedata.category(c) == "Cc" or c in _BIDIRECTIONAL for c in path):
        return "its name holds control characters; rename it"
    return ""


def skipped(
    path: str, reason: str, rules: FolderRules, *, failed: bool = False
) -> Skipped:
    """Say why a file or folder is not taken in; `path` may hold bytes that are no UTF-8."""
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Skipped(path=shown, reason=reason, failed=failed, labels=rules.labels)


def _unread(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {why(error)}"
    return f"its ignore rules are wrong: {error}"


def why(error: OSError) -> str:
    """Return the system's own words."""
    return (error.strerror or str(error)).lower()


def _passed_over(path: str, mode: int, rules: FolderRules) -> str:
    """Return why a file or folder is not looked at, or ""."""
    name = path.rpartition("/")[2]
    if name.startswith("."):
        return "its name begins with a dot"
    if name == LABELS_FILE:
        return "it says who may see its folder"
    if stat.S_ISLNK(mode):
        return _LINK
    if rules.ignores(path, is_folder=stat.S_ISDIR(mode)):
        return "named by an ignore file"
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        return NO_FILE
    return ""


def _seen(path: str, status: os.stat_result, rules: FolderRules) -> Seen:
    changed = max(status.st_mtime, status.st_ctime)
    return Seen(path=path, size=status.st_size, changed=changed, labels=rules.labels)
