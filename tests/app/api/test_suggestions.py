"""The route of first questions."""

from pathlib import Path

from tests.keyed import PAGE, keyed


async def test_the_questions_that_are_set_are_told_to_who_may_chat(
    sample_home: Path, tmp_path: Path
) -> None:
    setting = {"PAGE_QUESTIONS": "How do I start?|What is new?"}
    async with keyed(sample_home, tmp_path, **setting) as service:
        key, other = await service.key("chat"), await service.key("retrieve")
        visitor = await service.visitor(await service.widget())
        async with service.caller(key.text) as holder:
            found = await holder.get("/v1/suggestions")
        async with service.caller(visitor, origin=PAGE) as page:
            seen = await page.get("/v1/suggestions")
        async with service.caller(other.text) as holder:
            refused = await holder.get("/v1/suggestions")

    questions = ["How do I start?", "What is new?"]
    assert found.json() == {"object": "list", "data": questions}
    assert seen.json() == found.json()
    assert refused.status_code == 403


async def test_what_is_asked_most_is_told_where_that_is_set(
    sample_home: Path, tmp_path: Path
) -> None:
    question = "What does error E-207 mean?"
    asked = {"role": "user", "content": question}
    setting = {"PAGE_QUESTIONS": "most-asked"}
    async with (
        keyed(sample_home, tmp_path, **setting) as service,
        service.caller() as anybody,
    ):
        for user in ("ann", "bob", "cy"):
            body = {"model": "frontdesk-extract", "messages": [asked], "user": user}
            reply = await anybody.post("/v1/chat/completions", json=body)
            assert reply.json()["rag"]["answered"] is True
    # Turns are written in the background, and all of them when the service ends.
    async with (
        keyed(sample_home, tmp_path, **setting) as service,
        service.caller() as anybody,
    ):
        found = await anybody.get("/v1/suggestions")
    async with keyed(sample_home, tmp_path) as service, service.caller() as anybody:
        unset = await anybody.get("/v1/suggestions")

    assert found.json()["data"] == [question]
    assert unset.json()["data"] == []
