"""Settings of everything that builds or reads the index, and how they are read.

One struct per concern, one field per variable: the field `size` of a struct read
with the prefix ``CHUNK_`` is the variable ``CHUNK_SIZE``.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from ingest.errors import SettingsError
from ingest.hidden import HiddenText

T = TypeVar("T", bound=Struct)

Quantization = Literal["none", "scalar", "turbo"]
"""Which small copies of vectors are searched."""

Precision = Literal["auto", "fp32", "int8"]
"""What the numbers of a compiled model are."""

_CODE = re.compile("[A-Za-z]{2}([-_][A-Za-z0-9]+)*")
"""A two-letter language code, with or without a country."""


class IndexSettings(Struct, frozen=True, kw_only=True):
    """Where the index lives (``INDEX_…``).

    Attributes:
        url: ``file:FOLDER`` for an index in a folder, or the ``http(s)://``
            address of a Qdrant server.
        api_key: Key of the server; unused for a folder.
        collection: Alias of the collection on the server.
        timeout: Seconds one search may take.
        shards: Shards of a new collection on the server.
        replicas: Copies of each shard on the server.
        editions: Finished editions that are kept for rolling back.
        disk_floor: Bytes that must stay free on the disk of a folder.
        quantization: How vectors are searched: ``scalar`` by copies of a quarter of
            their size, ``turbo`` of an eighth, ``none`` by themselves. The best are
            always ordered by the vectors themselves. Changed, it takes effect with
            the next edition, and on a server with the next new collection.
        fusion_weight: Share of the dense score in a hit's score, the rest being
            the keyword score's.
        records: Folder for what runs tell of themselves, and for what was deleted and
            must not answer; "" is the folder of the index, or ``data/records`` where
            that is on a server.
    """

    url: Annotated[str, Meta(pattern="^(file:.+|https?://.+)$")] = "file:data/index"
    api_key: str = ""
    collection: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")] = "frontdesk"
    timeout: Annotated[float, Meta(gt=0)] = 2.0
    shards: Annotated[int, Meta(ge=1)] = 1
    replicas: Annotated[int, Meta(ge=1)] = 1
    editions: Annotated[int, Meta(ge=1)] = 3
    disk_floor: Annotated[int, Meta(ge=0)] = 512 * 1024 * 1024
    quantization: Quantization = "scalar"
    fusion_weight: Annotated[float, Meta(ge=0, le=1)] = 0.6
    records: str = ""


class EmbeddingSettings(Struct, frozen=True, kw_only=True):
    """Which model turns text into vectors (``EMBEDDING_…``).

    Attributes:
        model: ``all-MiniLM-L6-v2`` (carried with the installation), a folder of a
            sentence-transformers model, or the name of one in the local cache.
        cache: Folder of compiled models.
        query_prompt: What is put in front of a question: "" what the model is known
            to want, ``none`` nothing; a backslash before an n makes a new line.
        passage_prompt: The same in front of a text of a document; another one builds
            a new index.
        languages: Languages the model knows, as codes with commas between them such
            as ``en,de``, or ``all``; "" what its name tells, else what a probe finds.
        threads: CPU threads of the model; 0 takes what the machine has.
        batch: Texts embedded at once.
        precision: What a compiled model computes in: ``auto`` the fastest that keeps
            its vectors, ``fp32``, or ``int8``, which loses a little of what is found
            and is faster where the processor has instructions for it; between int8
            and the others a new index is built.
    """

    model: Annotated[str, Meta(min_length=1)] = "all-MiniLM-L6-v2"
    query_prompt: str = ""
    passage_prompt: str = ""
    languages: str = ""
    cache: str = "data/models"
    threads: Annotated[int, Meta(ge=0)] = 0
    batch: Annotated[int, Meta(ge=1)] = 8
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        parts = [part.strip() for part in self.languages.split(",")]
        odd = [part for part in parts if part and not _CODE.fullmatch(part)]
        if odd and self.languages.strip().lower() != "all":
            raise ValueError(
                f'languages: {odd[0]!r} is no language code such as "de"; write codes'
                ' with commas between them, or "all"'
            )


class ChunkSettings(Struct, frozen=True, kw_only=True):
    """How documents are cut (``CHUNK_…``).

    Attributes:
        size: Longest chunk in tokens of the embedding model, heading path
            included; a larger number than the model can take is cut down to it. In
            scripts that the model spells letter by letter four letters are one.
        overlap: Tokens two neighbouring chunks of one section share; less than
            half of `size`.
    """

    size: Annotated[int, Meta(ge=16)] = 220
    overlap: Annotated[int, Meta(ge=0)] = 24

    def __post_init__(self) -> None:
        if self.overlap * 2 >= self.size:
            raise ValueError("overlap must be less than half of size")


class ReadSettings(Struct, frozen=True, kw_only=True):
    """How documents are read, and limits of the processes that do it (``READ_…``).

    Attributes:
        workers: Processes that read at once; 0 takes one per CPU core.
        memory: Bytes of address space one of them may take.
        timeout: Seconds one document may take.
        max_bytes: Bytes of the largest file that is read.
        hidden_text: What is done about text that nobody sees: ``strip`` takes it out,
            ``quarantine`` also leaves out the documents that hold some, ``keep`` leaves
            it in. It is counted in each case.
    """

    workers: Annotated[int, Meta(ge=0)] = 0
    memory: Annotated[int, Meta(ge=256 * 1024 * 1024)] = 2 * 1024**3
    timeout: Annotated[float, Meta(gt=0)] = 120.0
    max_bytes: Annotated[int, Meta(ge=1)] = 256 * 1024 * 1024
    hidden_text: HiddenText = "strip"


def load(cls: type[T], prefix: str, environ: Mapping[str, str]) -> T:
    """Read `cls` from the variables of `environ` that start with `prefix`.

    Raises:
        SettingsError: A value does not fit its field, or a variable with this
            prefix is not a field; the message names the variable.
    """
    variables = {
        prefix + field.name.upper(): field.name for field in msgspec.structs.fields(cls)
    }
    given = {name: value for name, value in environ.items() if name.startswith(prefix)}
    if unknown := given.keys() - variables.keys():
        known = ", ".join(sorted(variables))
        raise SettingsError(
            f"unknown variable {', '.join(sorted(unknown))}; known here: {known}"
        )
    values = {variables[name]: value for name, value in given.items()}
    try:
        return msgspec.convert(values, cls, strict=False)
    except msgspec.ValidationError as error:
        # msgspec says "... - at `$.size`"; people set CHUNK_SIZE.
        message, _, field = str(error).partition(" - at `$.")
        variable = prefix + (field.rstrip("`").upper() or "*")
        raise SettingsError(f"{variable}: {message}") from error


def environment(base: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return `base` over the variables of the file ``.env`` in `folder`.

    A line is ``NAME=value``; quotes around the value are taken off, ``export``
    before the name too, and lines that start with ``#`` are comments. What the
    process was given wins over the file.

    Raises:
        SettingsError: A line of the file is none of these.
    """
    file = folder / ".env"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return dict(base)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.strip().removeprefix("export ").strip()
        if not entry or entry.startswith("#"):
            continue
        name, equals, value = entry.partition("=")
        if not equals or not name.strip().replace("_", "").isalnum():
            raise SettingsError(f"{file}, line {number}: expected NAME=value")
        found[name.strip()] = _unquoted(value.strip())
    return found | dict(base)


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
