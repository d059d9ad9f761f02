"""The road of an answer, told over the whole service."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.limits import Limits
from app.retrieval.confidence import confidence
from app.retrieval.signals import Signals
from tests.app.api.whole import MODEL, SURE, UNSURE, Whole
from tests.keyed import keyed
from tests.scripted_upstream import refused

WHYS = {
    "", "below the cut", "others first", "duplicate", "joined", "no room", "unsure",
    "not quoted", "not asked",
}  # fmt: skip


def explained(whole: Whole, query: str = SURE, **fields: Any) -> Any:
    reply = httpx.post(
        f"{whole.address}/v1/explain", json={"query": query, **fields}, timeout=60
    )
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize(
    "question", [SURE, "How do I reset the hub?", "What do the plans cost?", UNSURE]
)
def test_what_is_explained_is_what_the_chat_answers(
    whole: Whole, question: str
) -> None:
    told = explained(whole, question)
    prompts = [request["messages"] for request in whole.asked]
    answer = whole.ask(question)

    chat = answer.model_extra
    assert told["answer"]["content"] == answer.choices[0].message.content
    assert told["answer"]["sources"] == chat["sources"]
    assert told["queries"] == chat["rag"]["queries"]
    assert told["edition"] == chat["rag"]["edition"]
    assert told["confidence"] == chat["rag"]["confidence"]
    assert told["answered"] == chat["rag"]["answered"]
    # The fence around sources is random, and nothing else differs.
    assert len(whole.asked) == 2 * len(prompts)
    if prompts:
        sent = told["prompt"]["messages"]
        assert [m["content"] for m in sent] == [m["content"] for m in prompts[0]]
        assert told["prompt"]["model"] == MODEL


def test_every_candidate_has_its_places_and_says_how_far_it_got(whole: Whole) -> None:
    told = explained(whole)

    found = told["candidates"]
    assert len({one["id"] for one in found}) == len(found) > 30
    assert [one["fused"]["rank"] for one in found] == list(range(1, len(found) + 1))
    scores = [one["fused"]["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    for ranking in ("dense", "keyword"):
        places = [one[ranking] for one in found if one[ranking]]
        places.sort(key=lambda place: place["rank"])
        assert [place["rank"] for place in places] == list(range(1, len(places) + 1))
        assert places[0]["score"] == max(place["score"] for place in places)
    assert all(one["dense"] or one["keyword"] for one in found)
    assert all(one["rerank"] is None for one in found)
    assert {one["why"] for one in found} <= WHYS
    offered = {one["offered"]: one["id"] for one in found if one["offered"]}
    assert offered == {s["number"]: s["id"] for s in told["answer"]["sources"]}
    assert all((one["offered"] is None) == bool(one["why"]) for one in found)


def test_the_prompt_is_told_with_what_each_part_of_it_takes(whole: Whole) -> None:
    prompt = explained(whole)["prompt"]

    assert prompt["tokens"] == sum(message["tokens"] for message in prompt["messages"])
    assert prompt["tokens"] < prompt["window"]
    assert prompt["messages"][0]["role"] == "system"
    numbers = [source["number"] for source in prompt["sources"]]
    assert numbers == list(range(1, len(numbers) + 1))
    taken = sum(source["tokens"] for source in prompt["sources"])
    assert 0 < taken < prompt["tokens"]


def test_the_signals_are_those_that_the_confidence_is_made_of(whole: Whole) -> None:
    told = explained(whole, "can I put a leaf in a -25 freezer")

    assert told["least_confidence"] == 0.5
    exact = confidence(Signals(**told["signals"]))
    # Where it decides nothing, the chat tells an estimate.
    assert (exact >= 0.5) == (told["confidence"] >= 0.5)
    assert exact == pytest.approx(told["confidence"], abs=0.2)


def test_stages_are_told_in_the_order_they_began(whole: Whole) -> None:
    stages = explained(whole)["stages"]

    starts = [stage["start"] for stage in stages]
    assert starts == sorted(starts)
    assert starts[0] >= 0
    names = [stage["name"] for stage in stages]
    assert {"embed", "search", "judge", "context", "prompt", "total"} <= set(names)
    whole_time = stages[names.index("total")]["duration"]
    assert all(s["start"] + s["duration"] <= whole_time + 1 for s in stages)


def test_without_an_answer_nobody_is_asked(whole: Whole) -> None:
    told = explained(whole, answer=False)

    assert whole.asked == []
    assert (told["answer"], told["prompt"], told["answered"]) == (None, None, True)
    assert [one["why"] for one in told["candidates"]].count("not asked") >= 3


def test_where_it_is_not_known_every_chunk_says_so(whole: Whole) -> None:
    told = explained(whole, UNSURE)

    assert (told["answered"], told["prompt"]) == (False, None)
    assert told["confidence"] < told["least_confidence"]
    assert not [one for one in told["candidates"] if one["offered"]]
    assert [one["why"] for one in told["candidates"]].count("unsure") >= 3


def test_an_extract_says_what_it_quoted(whole: Whole) -> None:
    told = explained(whole, model="frontdesk-extract")

    assert told["prompt"] is None
    assert [one for one in told["candidates"] if one["offered"] == 1]
    assert whole.asked == []


def test_a_conversation_is_explained_and_filtered_like_any(whole: Whole) -> None:
    talk = [
        {"role": "user", "content": "What does error E-207 mean?"},
        {"role": "assistant", "content": "The circuit of the probe is open."},
        {"role": "user", "content": "and what do I do about it?"},
    ]
    reply = httpx.post(
        f"{whole.address}/v1/explain",
        json={"messages": talk, "top_k": 2, "filter": {"language": "en"}},
        timeout=60,
    )

    told = reply.json()
    assert len(told["queries"]) == 2
    assert len(told["prompt"]["sources"]) <= 2
    assert told["prompt"]["messages"][-1]["content"] == talk[-1]["content"]
    # Each source is a document's; those in other languages were not candidates.
    assert not [one for one in told["candidates"] if one["path"].startswith("ja/")]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "query"),
        ({"query": "a", "messages": []}, "query"),
        ({"query": " "}, "query"),
        ({"query": "a", "limit": 5}, "limit"),
        ({"query": "a", "top_k": 0}, "top_k"),
        ({"query": "a", "filter": {"pfad": "x"}}, "filter.pfad"),
        ({"query": "a", "answer": "yes"}, "answer"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    whole: Whole, body: dict[str, Any], param: str
) -> None:
    reply = httpx.post(f"{whole.address}/v1/explain", json=body)

    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param


async def test_it_takes_the_scope_counts_for_limits_and_is_no_visitors_question(
    sample_home: Path, tmp_path: Path
) -> None:
    asked = {"query": SURE, "model": "frontdesk-extract"}
    limits = Limits(requests_per_minute=2)
    async with keyed(sample_home, tmp_path) as service:
        chat = (await service.key("chat", "retrieve")).text
        own = (await service.key("insights", limits=limits)).text
        async with service.caller(chat) as holder:
            refused = await holder.post("/v1/explain", json=asked)
        async with service.caller(own) as holder:
            first = await holder.post("/v1/explain", json=asked)
            seen = await holder.get("/v1/insights")
            late = await holder.post("/v1/explain", json=asked)

    assert refused.status_code == 403
    assert first.status_code == 200
    assert "vector" not in json.dumps(first.json())
    assert seen.json()["total"]["questions"] == 0
    assert late.status_code == 429


def test_an_upstream_that_fails_is_told_as_in_the_chat(whole: Whole) -> None:
    whole.says(refused(401, "invalid_api_key"))
    reply = httpx.post(f"{whole.address}/v1/explain", json={"query": SURE}, timeout=60)

    assert reply.status_code == 502
    assert reply.json()["error"]["code"] == "upstream_auth_error"
