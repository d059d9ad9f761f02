"""What was kept of a person is in no file once it is erased."""

from pathlib import Path

from tests.reliability.desks import SURE, Desk, desk
from tests.reliability.recording import Figure
from tests.reliability.sizes import size


def canary(number: int) -> str:
    """Return what only one person said."""
    return f"kanarie{number:04}Zq7Wx"


def leave_traces(served: Desk, number: int) -> None:
    """Let a person ask in a conversation and outside, vote, and send the same again."""
    word = canary(number)
    user = f"user-{word}"
    begun = served.begin(user=user, title=f"{word} title").json()["id"]
    question = [{"role": "user", "content": f"{SURE} {word} " * (1 + number % 60)}]
    for fields in (
        {"rag": {"conversation_id": begun}},
        {"rag": {"conversation_id": begun}, "stream": True},
        {},
    ):
        assert served.ask(messages=question, user=user, **fields).status_code == 200
    asked = {"model": "frontdesk", "messages": question, "user": user}
    kept = served.http.post(
        "/v1/chat/completions", json=asked, headers={"Idempotency-Key": word}
    )
    assert kept.status_code == 200
    thought = {"message_id": kept.json()["id"], "rating": "down", "comment": word}
    assert served.http.post("/v1/feedback", json=thought).status_code < 300


def where(folder: Path, word: str) -> set[str]:
    """Return the files below `folder` that hold a word, or are called so."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and (word in path.name or word.encode() in path.read_bytes())
    }


def test_a_person_who_was_erased_is_in_no_file(
    sample_home: Path, tmp_path: Path, figure: Figure
) -> None:
    persons = size(6, 40)
    words = [canary(number) for number in range(persons)]
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}",
        "CONVERSATIONS_SPOOL": str(tmp_path / "spool"),
        "HOME": str(tmp_path),
    }
    with desk(sample_home, **settings) as served:
        for number in range(persons):
            leave_traces(served, number)
        served.until(lambda: all(where(tmp_path, word) for word in words))
        *gone, last = words
        erased = [
            served.http.delete("/v1/data", params={"user": f"user-{word}"}).json()
            for word in gone
        ]
        left = {word: found for word in gone if (found := where(tmp_path, word))}
        stays = where(tmp_path, last)
        said = served.service.log
    after = {word: found for word in gone if (found := where(tmp_path, word))}

    figure(
        "erased people whose words are in a file of the data folder",
        f"{len(left)} of {len(gone)}, {len(after)} after the service's end",
        "0",
    )
    assert all(one["scrubbed"] for one in erased)
    assert all(one["turns"] == 4 for one in erased)
    assert left == after == {}
    # What is looked for would be found.
    assert stays
    assert not any(word in said for word in words)


def test_a_copy_from_before_a_migration_keeps_an_erasure_from_being_whole(
    sample_home: Path, tmp_path: Path
) -> None:
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}",
        "CONVERSATIONS_SPOOL": str(tmp_path / "spool"),
    }
    with desk(sample_home, **settings) as served:
        leave_traces(served, 1)
        copy = tmp_path / "frontdesk.db.before-0001"
        copy.write_bytes(b"what was there before")
        user = {"user": f"user-{canary(1)}"}
        assert not served.http.delete("/v1/data", params=user).json()["scrubbed"]

        copy.unlink()
        assert served.http.delete("/v1/data", params=user).json()["scrubbed"]
