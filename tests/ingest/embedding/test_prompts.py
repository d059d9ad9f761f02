"""What a model wants in front of questions and documents is known, or set."""

import json
from pathlib import Path

import pytest

from ingest.embedding.folder import ModelFolder, open_folder
from ingest.embedding.prompts import Prompts
from ingest.embedding.stamps import Stamps
from ingest.settings import EmbeddingSettings
from tests.ingest.embedding.tiny_models import make_model, write

SEARCH = (
    "Instruct: Given a web search query, retrieve relevant passages that answer"
    " the query\nQuery:"
)
REPRESENT = "Represent this sentence for searching relevant passages: "


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model(tmp_path / "some-model")


def opened(model: Path, *, query: str = "", passage: str = "") -> ModelFolder:
    settings = EmbeddingSettings(
        model=str(model), query_prompt=query, passage_prompt=passage
    )
    return open_folder(settings, stamps=Stamps(model.parent / "cache"))


def declare(model: Path, **prompts: str | None) -> None:
    write(model / "config_sentence_transformers.json", {"prompts": prompts})


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("e5-small-v2", "query: ", "passage: "),
        ("multilingual-e5-small", "query: ", "passage: "),
        ("intfloat_multilingual-e5-base", "query: ", "passage: "),
        ("multilingual-e5-large-instruct", f"{SEARCH} ", ""),
        ("e5-mistral-7b-instruct", f"{SEARCH} ", ""),
        ("Qwen3-Embedding-0.6B", SEARCH, ""),
        ("gte-Qwen2-1.5B-instruct", f"{SEARCH} ", ""),
        ("bge-small-en-v1.5", REPRESENT, ""),
        ("bge-base-zh", "为这个句子生成表示以用于检索相关文章：", ""),
        ("mxbai-embed-large-v1", REPRESENT, ""),
        ("snowflake-arctic-embed-m-v1.5", REPRESENT, ""),
        ("snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("nomic-embed-text-v2-moe", "search_query: ", "search_document: "),
        ("embeddinggemma-300m", "task: search result | query: ", "title: none | text: "),
        ("bge-m3", "", ""),
        ("gte-small", "", ""),
        ("all-mpnet-base-v2", "", ""),
        ("size5-model", "", ""),
    ],
)  # fmt: skip
def test_families_have_the_prompts_of_their_cards(
    tmp_path: Path, name: str, query: str, passage: str
) -> None:
    folder = opened(make_model(tmp_path / name))

    assert folder.prompts == Prompts(query, passage)


def test_a_model_in_the_local_cache_keeps_its_name(tmp_path: Path) -> None:
    place = tmp_path / "models--intfloat--e5-base" / "snapshots" / "0123abcd"

    folder = opened(make_model(place))

    assert folder.title == "e5-base"
    assert folder.prompts.passage == "passage: "


def test_a_model_of_no_name_has_the_prompts_of_what_it_was_trained_on_from(
    model: Path,
) -> None:
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    write(model / "config.json", config | {"_name_or_path": "intfloat/e5-base"})

    assert opened(model).prompts == Prompts("query: ", "passage: ")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"query": "ask: ", "document": "text: "}, Prompts("ask: ", "text: ")),
        ({"query": "ask: ", "passage": "text: "}, Prompts("ask: ", "text: ")),
        ({"query": "ask: ", "document": ""}, Prompts("ask: ", "")),
        ({"query": "ask: ", "clustering": "group: "}, Prompts("ask: ", "")),
        ({"Retrieval-query": "a: ", "Retrieval-document": "b: "}, Prompts("a: ", "b: ")),
        ({"query": "", "document": ""}, Prompts("query: ", "passage: ")),
        ({"query": None}, Prompts("query: ", "passage: ")),
    ],
)  # fmt: skip
def test_prompts_of_the_folder_win_over_those_of_the_family(
    tmp_path: Path, declared: dict[str, str | None], expected: Prompts
) -> None:
    model = make_model(tmp_path / "some-e5")
    declare(model, **declared)

    assert opened(model).prompts == expected


def test_a_default_prompt_is_for_both_unless_one_has_its_own(model: Path) -> None:
    told = {"prompts": {"query": "ask: ", "all": "say: "}, "default_prompt_name": "all"}
    write(model / "config_sentence_transformers.json", told)

    assert opened(model).prompts == Prompts("ask: ", "say: ")


def test_a_setting_wins_over_what_is_known(tmp_path: Path) -> None:
    model = make_model(tmp_path / "some-e5")
    declare(model, query="ask: ", document="text: ")

    folder = opened(model, query=r"Task: find\nQuestion: ", passage="none")

    assert folder.prompts == Prompts("Task: find\nQuestion: ", "")


def test_another_passage_prompt_is_another_model_and_another_query_prompt_is_not(
    model: Path,
) -> None:
    plain = opened(model)
    asked = opened(model, query="ask: ")
    told = opened(model, passage="text: ")
    retold = opened(model, passage="text:")

    assert plain.name == asked.name
    assert len({plain.name, told.name, retold.name}) == 3
    assert {plain.digest} == {asked.digest, told.digest, retold.digest}
