"""The command that brings the index in step with a folder, as the service starts it."""

from pathlib import Path

import msgspec
from msgspec import Struct

from app.desks import DeskSettings
from app.settings import Settings
from ingest import processes
from ingest.index import folder_of, records_of

_PASSED_ON = (
    "HOME", "TMPDIR", "HF_HOME", "XDG_CACHE_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS",
)  # fmt: skip
"""What the model and a server of the index may need to know."""

_GROUPS = ("index", "embedding", "chunk", "read")


def command_of(desk: DeskSettings, folder: Path, tenant: str, run: str) -> list[str]:
    """Return the command of one run.

    Args:
        desk: How documents are kept.
        folder: The folder, whole.
        tenant: Whose documents are in it.
        run: Id of the run.
    """
    labels = [f"--label={label.strip()}" for label in desk.labels.split(",")]
    address = [f"--url-base={desk.url_base}"] if desk.url_base else []
    given = [f"--tenant={tenant}", f"--run={run}", *labels, *address]
    return processes.command("app.cli", "ingest", *given, str(folder))


def environment_of(settings: Settings) -> dict[str, str]:
    """Return all that a run may know: how to read, to embed and to store.

    It knows of no database, no upstream and no pepper. It is to run in the folder
    `workplace_of` names, where no file tells more; so that every path is whole.
    """
    found: dict[str, str] = {}
    for group in _GROUPS:
        found |= _variables(group.upper(), getattr(settings, group))
    if folder := folder_of(settings.index):
        found["INDEX_URL"] = f"file:{folder.resolve()}"
        del found["INDEX_API_KEY"]
    found["INDEX_RECORDS"] = str(workplace_of(settings))
    found["EMBEDDING_CACHE"] = str(Path(settings.embedding.cache).resolve())
    model = Path(settings.embedding.model)
    if model.exists():
        found["EMBEDDING_MODEL"] = str(model.resolve())
    return processes.environment(found, _PASSED_ON)


def workplace_of(settings: Settings) -> Path:
    """Return the folder in which runs are started."""
    return records_of(settings.index).resolve()


def _variables(prefix: str, group: Struct) -> dict[str, str]:
    values = msgspec.structs.asdict(group)
    return {f"{prefix}_{name.upper()}": str(value) for name, value in values.items()}
