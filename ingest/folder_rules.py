"""What holds in a folder of documents: what is ignored there, and who may see the rest.

    .gitignore, .frontdeskignore    the innermost rule that knows a path decides
    frontdesk.toml                  the nearest one that gives labels decides

A chunk is seen by whoever holds one of its labels, so that labels of several folders
joined would open what the inner folder closes: the nearest wins.
"""

import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from pathspec import GitIgnoreSpec

from ingest.declarations import toml_values
from ingest.opening import opened

LABELS_FILE = "frontdesk.toml"

_IGNORE_FILES = (".gitignore", ".frontdeskignore")
_WORDS = re.compile(r"[^\s,;]+")
_LONGEST = 64 * 1024
_KNOWN = ("labels",)
_LONGEST_RULES = 1024 * 1024
# What a pattern is compared by tries every way to share a name among its stars.
_MOST_STARS, _MOST_DEEP = 3, 2
_STARS = re.compile(r"\*+")


class FolderRules(Struct, frozen=True):
    """What holds for the files of a folder, and below it.

    Attributes:
        labels: Access labels of documents that declare none themselves.
        broken: Why nobody can tell those labels, or "": then no document may be
            taken in, for it might be shown to more people than it is meant for.
        ignored: Prefixes of folders with the rules of their ignore files, innermost
            first.
    """

    labels: tuple[str, ...]
    broken: str = ""
    ignored: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether a path is named; the innermost rule that knows it decides."""
        for prefix, spec in self.ignored:
            below = path.removeprefix(prefix) + ("/" if is_folder else "")
            include = spec.check_file(below).include
            if include is not None:
                return include
        return False


def rules_below(
    root: Path, prefix: str, above: FolderRules, names: Collection[str]
) -> FolderRules:
    """Return what holds in the folder `prefix` of `root`.

    Args:
        root: The scanned folder.
        prefix: "" for itself, else a path below it that ends with a slash.
        above: What holds in the folder around it.
        names: What lies in the folder.

    Raises:
        OSError: An ignore file is there and cannot be read.
        ValueError: An ignore file is no such file.
    """
    labels, broken = above.labels, above.broken
    if LABELS_FILE in names:
        labels, broken = _labels(root, prefix, above)
    files = [name for name in _IGNORE_FILES if name in names]
    return FolderRules(labels, broken, _ignored(root, prefix, files) + above.ignored)


def _ignored(
    root: Path, prefix: str, files: Iterable[str]
) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    """Return the rules of a folder's own ignore files.

    The later file wins: `.frontdeskignore` may take back what git ignores.
    """
    lines: list[str] = []
    for name in files:
        with suppress(FileNotFoundError), opened(root, prefix + name) as file:
            # Git, too, overlooks the mark that some editors begin a file with.
            lines += _rules(file.read(_LONGEST_RULES + 1))
    return ((prefix, GitIgnoreSpec.from_lines(lines)),) if lines else ()


def _rules(content: bytes) -> list[str]:
    """Return the lines of an ignore file.

    Raises:
        ValueError: It is too long, or a line would take long to compare a name with.
    """
    if len(content) > _LONGEST_RULES:
        raise ValueError(f"longer than {_LONGEST_RULES:,} bytes")
    lines = content.decode("utf-8-sig", "replace").splitlines()
    for number, line in enumerate(lines, start=1):
        steps = [_STARS.findall(step) for step in line.split("/")]
        deep = sum(stars == ["**"] for stars in steps[:-1])
        if deep > _MOST_DEEP or any(len(stars) > _MOST_STARS for stars in steps):
            raise ValueError(f"line {number} has too many stars")
    return lines


def _labels(root: Path, prefix: str, above: FolderRules) -> tuple[tuple[str, ...], str]:
    """Return the labels that hold in a folder, or why they cannot be told."""
    try:
        with opened(root, prefix + LABELS_FILE) as file:
            given = read_labels(file.read(_LONGEST + 1))
    except FileNotFoundError:
        return above.labels, above.broken
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or str(error)
        reason = f"{prefix}{LABELS_FILE} cannot be read: {why}"
        return (), " ".join(reason.split())
    return (above.labels, above.broken) if given is None else (given, "")


def read_labels(content: bytes) -> tuple[str, ...] | None:
    """Return the access labels that a folder's file gives, each once; None for none.

    Raises:
        ValueError: It is no TOML, knows other names than `labels`, or gives labels
            in a form that is not a word or a list of words. What was meant to be
            restricted must not become public by a typing error.
    """
    if len(content) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST:,} bytes")
    values = toml_values(content.decode("utf-8-sig"))
    if unknown := sorted(values.keys() - set(_KNOWN)):
        named = ", ".join(f"`{name}`" for name in unknown)
        raise ValueError(f"it gives {named}; only `labels` is known")
    if "labels" not in values:
        return None
    given = values["labels"]
    texts = given if isinstance(given, list) else [given]
    words = dict.fromkeys(w for text in texts for w in _words(text))
    if not words:
        raise ValueError("`labels` must be a word or a list of words, one at least")
    return tuple(words)


def _words(text: object) -> list[str]:
    if not isinstance(text, str):
        # Of tomllib's own kinds any may come; `true` and 1 are no labels.
        raise ValueError("`labels` must be a word or a list of words")  # noqa: TRY004 — the file's fault
    return _WORDS.findall(text)
