"""Golden questions drafted from the sample's index."""

import asyncio
import json
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest

from app.chat.question import queries
from app.errors import EvaluationImpossible
from app.evaluation.drafting import Draft, draft, lines, save
from app.evaluation.golden import read_golden
from app.evaluation.passages import codes, defined, every_code, facts
from app.messages import Filter, Message
from app.resources import Resources, open_resources
from app.settings import load_settings
from ingest.documents import Principal
from tests.command import environment

MANY = 120


async def drafted(home: Path, count: int = MANY, *, seed: int = 0) -> list[Draft]:
    async with open_resources(load_settings(environment(home))) as resources:
        return await draft(resources.index, resources.principal, count, seed=seed)


@pytest.fixture(scope="module")
def drafts(sample_home: Path) -> list[Draft]:
    return asyncio.run(drafted(sample_home))


@pytest.fixture(scope="module")
def texts(sample_home: Path) -> dict[str, str]:
    """What each document of the index says, by path."""

    async def read() -> dict[str, str]:
        async with open_resources(load_settings(environment(sample_home))) as resources:
            found = {}
            for stored in await resources.index.documents(resources.principal):
                chunks = await resources.index.document(
                    resources.principal, stored.document_id
                )
                found[stored.path] = "\n".join(chunk.text for chunk in chunks)
            return found

    return asyncio.run(read())


def test_a_golden_file_of_drafts_can_be_evaluated(
    drafts: list[Draft], tmp_path: Path
) -> None:
    save(tmp_path / "drafts.jsonl", drafts)

    file = read_golden(tmp_path / "drafts.jsonl")

    assert file.broken == ()
    assert [numbered.golden.id for numbered in file.questions] == [d.id for d in drafts]
    assert len(drafts) == MANY


def test_a_person_sees_what_is_unchecked(drafts: list[Draft]) -> None:
    for line in lines(drafts).splitlines():
        written = json.loads(line)
        assert written["draft"] is True
        assert written["passage"]


def test_nothing_is_asked_twice(drafts: list[Draft]) -> None:
    questions = Counter(draft.question.casefold() for draft in drafts)

    assert questions.most_common(1)[0][1] == 1


def test_every_document_has_its_turn_before_any_has_a_second(
    drafts: list[Draft], texts: dict[str, str]
) -> None:
    turns = Counter(d.documents[0] for d in drafts[: len(texts)] if d.documents)

    assert set(turns) == set(texts)
    assert max(turns.values()) == 1


def test_a_few_drafts_already_differ_in_language_and_format(
    sample_home: Path,
) -> None:
    few = asyncio.run(drafted(sample_home, 20))
    first = [PurePosixPath(d.documents[0]).suffix for d in few if d.documents]

    assert {"en", "de", "ja"} <= {draft.language for draft in few}
    assert len(set(first)) >= 10


def test_the_same_seed_drafts_the_same_and_another_something_else(
    sample_home: Path, drafts: list[Draft]
) -> None:
    assert asyncio.run(drafted(sample_home)) == drafts
    assert asyncio.run(drafted(sample_home, seed=1)) != drafts


def test_facts_stand_verbatim_in_the_first_document(
    drafts: list[Draft], texts: dict[str, str]
) -> None:
    named = [(d.documents[0], fact) for d in drafts for fact in d.facts]

    assert len(named) >= MANY / 2
    assert [(path, fact) for path, fact in named if fact not in texts[path]] == []


def test_an_unanswerable_code_stands_nowhere_in_the_index(
    drafts: list[Draft], texts: dict[str, str]
) -> None:
    unanswerable = [d for d in drafts if d.kind == "unanswerable"]

    assert len(unanswerable) == MANY // 10
    for one in unanswerable:
        (code,) = every_code(one.question)
        assert one.documents == ()
        assert not any(code in text for text in texts.values())


def test_drafts_are_found_again_by_retrieval(
    sample_home: Path, drafts: list[Draft]
) -> None:
    async def found(resources: Resources, one: Draft) -> bool:
        hits = await resources.retriever.retrieve(
            resources.principal,
            queries([Message(role="user", content=one.question)]),
            limit=50,
            filter=Filter(),
        )
        paths = list(dict.fromkeys(hit.chunk.path for hit in hits.hits))
        return not set(paths[:5]).isdisjoint(one.documents)

    async def share() -> float:
        answerable = [d for d in drafts if d.kind == "answerable"]
        async with open_resources(load_settings(environment(sample_home))) as resources:
            again = [await found(resources, one) for one in answerable]
        return sum(again) / len(again)

    assert asyncio.run(share()) >= 0.8


def test_who_may_see_nothing_gets_no_draft(sample_home: Path) -> None:
    async def drafted_for_nobody() -> None:
        async with open_resources(load_settings(environment(sample_home))) as resources:
            nobody = Principal(tenant="nobody", labels=("public",))
            await draft(resources.index, nobody, 3)

    with pytest.raises(EvaluationImpossible, match="holds no document"):
        asyncio.run(drafted_for_nobody())


def test_a_file_that_a_person_may_have_edited_is_never_overwritten(
    drafts: list[Draft], tmp_path: Path
) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text("my work", encoding="utf-8")

    with pytest.raises(EvaluationImpossible, match=r"golden\.jsonl is there already"):
        save(path, drafts)

    assert path.read_text(encoding="utf-8") == "my work"


def test_codes_are_taken_where_something_is_told_about_them() -> None:
    text = "| E-101 | no lease |\n- `V-02` migration\nsee E-333 there\nE-101 again"

    assert [code for code, _ in codes(text)] == ["E-101", "V-02"]
    assert every_code(text) == {"E-101", "V-02", "E-333"}


def test_facts_are_quantities_first_and_then_names_set_apart() -> None:
    assert facts("Open **Settings › Hubs** and wait 4 minutes, then 10 seconds.") == (
        "4 minutes",
        "10 seconds",
    )
    assert facts("Open **Settings › Hubs**, then **Reset**.") == (
        "Settings › Hubs",
        "Reset",
    )
    assert facts("**Cause.** Nothing to count.") == ()


def test_only_a_sentence_that_defines_a_name_gives_one() -> None:
    assert defined("Frost is a sensor with a probe.", "en") == "Frost"
    assert defined("A *workspace* is a place for hubs.", "en") == "a workspace"
    assert defined("Frost ist ein Sensor.", "de") == "Frost"
    assert defined("This is a list.", "en") == ""
    assert defined("Frost est un capteur.", "fr") == ""
