"""Model folders are found without a download and refused before they are loaded."""

from pathlib import Path

import pytest

from ingest.embedding import open_embedder
from ingest.embedding.folder import ModelFolder, open_folder
from ingest.embedding.stamps import Stamps
from ingest.errors import ModelUnusable
from ingest.settings import EmbeddingSettings
from tests.ingest.embedding.tiny_models import make_model, write

CANARY = "from pathlib import Path; Path(__file__).with_name('canary').touch()"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model(tmp_path / "tiny")


def opened(model: Path | str, cache: Path) -> ModelFolder:
    return open_folder(EmbeddingSettings(model=str(model)), stamps=Stamps(cache))


@pytest.mark.parametrize(
    "name",
    [
        "pytorch_model.bin", "model.pt", "model.pkl", "deep/er/model.CKPT",
        "model.joblib", "modeling_x.py", "native.so",
    ],
)  # fmt: skip
def test_what_could_run_code_is_refused_by_name(
    model: Path, tmp_path: Path, name: str
) -> None:
    file = model / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")

    with pytest.raises(ModelUnusable, match="is refused") as caught:
        open_embedder(EmbeddingSettings(model=str(model), cache=str(tmp_path / "c")))

    assert name in str(caught.value)


def test_modules_of_the_folder_are_refused_and_never_run(
    model: Path, tmp_path: Path
) -> None:
    (model / "modeling_x.txt").write_text(CANARY, encoding="utf-8")
    write(model / "modules.json", [{"type": "modeling_x.Custom", "path": ""}])

    with pytest.raises(ModelUnusable, match=r"modeling_x\.Custom"):
        open_embedder(EmbeddingSettings(model=str(model), cache=str(tmp_path / "c")))

    assert not (model / "canary").exists()


def test_a_module_outside_of_the_folder_is_refused(model: Path, tmp_path: Path) -> None:
    kind = "sentence_transformers.models.Pooling"
    write(model / "modules.json", [{"type": kind, "path": "../other"}])

    with pytest.raises(ModelUnusable, match="is refused"):
        opened(model, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("config.json", {"auto_map": {"AutoModel": "modeling_x.Custom"}}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["x.Y", None]}}),
        ("3_Dense/config.json", {"activation_function": "os.system"}),
    ],
)
def test_settings_that_name_code_are_refused(
    model: Path, tmp_path: Path, name: str, value: object
) -> None:
    write(model / name, value)

    with pytest.raises(ModelUnusable, match="names code"):
        opened(model, tmp_path)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("no-such/model-of-ours", "never downloaded"),
        ("no-such-model-of-ours", "never downloaded"),
        ("./no-such-folder", "there is no folder"),
        ("/no/such/folder", "there is no folder"),
        ("what is this?", "not on this machine"),
    ],
)
def test_a_model_that_is_not_here_is_not_fetched(
    tmp_path: Path, name: str, hint: str
) -> None:
    with pytest.raises(ModelUnusable, match=hint):
        opened(name, tmp_path)


def test_a_folder_without_weights_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no model"):
        opened(tmp_path, tmp_path)


def test_malformed_settings_are_named(model: Path, tmp_path: Path) -> None:
    (model / "modules.json").write_text("[{", encoding="utf-8")

    with pytest.raises(ModelUnusable, match="malformed"):
        opened(model, tmp_path)


def test_the_name_follows_the_contents(model: Path, tmp_path: Path) -> None:
    before = opened(model, tmp_path)
    (model / "README.md").write_text("new words", encoding="utf-8")
    described = opened(model, tmp_path)
    write(model / "sentence_bert_config.json", {"max_seq_length": 32})
    shorter = opened(model, tmp_path)

    assert before.name.startswith("tiny@")
    assert described.name == before.name
    assert shorter.name != before.name


def test_hashes_of_large_files_are_kept_until_they_change(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(5 * 1024 * 1024))
    first = Stamps(tmp_path).sha256(file)
    kept = (tmp_path / "stamps.json").read_bytes()

    same = Stamps(tmp_path).sha256(file)
    file.write_bytes(bytes(5 * 1024 * 1024) + b"!")
    other = Stamps(tmp_path).sha256(file)

    assert str(file).encode() in kept
    assert same == first != other
