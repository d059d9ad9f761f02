"""The routes of conversations, over the whole service."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.api.talking import Talks, within
from tests.app.api.whole import Whole

UNKNOWN = "conv_" + "a" * 24


@pytest.fixture
def talks(whole: Whole) -> Iterator[Talks]:
    with Talks(whole.address) as talks:
        yield talks


def test_a_conversation_is_begun_shown_changed_and_deleted(talks: Talks) -> None:
    made = talks.send(
        "POST", json={"title": "Hub", "metadata": {"a": "b"}, "user": "ann"}
    )
    shown = talks.send("GET", f"/{made.json()['id']}")
    changed = talks.send("POST", f"/{made.json()['id']}", json={"title": "Hub H2"})
    deleted = talks.send("DELETE", f"/{made.json()['id']}")

    assert made.status_code == 200
    assert made.json() | {"id": "", "created": 0, "updated": 0} == {
        "id": "", "object": "conversation", "title": "Hub", "metadata": {"a": "b"},
        "user": "ann", "created": 0, "updated": 0,
    }  # fmt: skip
    assert shown.json() == made.json()
    assert changed.json()["title"] == "Hub H2"
    assert changed.json()["metadata"] == {"a": "b"}
    assert deleted.json() == {
        "id": made.json()["id"], "object": "conversation.deleted", "deleted": True,
    }  # fmt: skip
    assert talks.send("GET", f"/{made.json()['id']}").status_code == 404


def test_an_empty_body_begins_a_conversation_without_a_name(talks: Talks) -> None:
    made = talks.send("POST", json={"title": None})

    assert (made.json()["title"], made.json()["metadata"]) == ("", {})


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"title": "x" * 1_000_000}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 5}, "title"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata"),
        ({"metadata": {"k" * 65: ""}}, "metadata"),
        ({"metadata": {"k": "v" * 513}}, "metadata"),
        ({"metadata": {"k": 1}}, "metadata"),
        ({"user": "u" * 513}, "user"),
        ({"tenant": "other"}, "tenant"),
        ({"session": "s"}, "session"),
        ({"id": UNKNOWN}, "id"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_a_conversation_cannot_be_is_refused(
    talks: Talks, body: dict[str, Any], param: str
) -> None:
    reply = talks.send("POST", json=body)

    error = reply.json()["error"]
    assert reply.status_code == 400
    assert error["type"] == "invalid_request_error"
    assert error["param"].startswith(param)
    assert len(reply.content) < 1000


@pytest.mark.parametrize("title", ["naïve 🧊", "a\u0000b", "x" * 200, "\u202e"])
def test_a_title_of_any_characters_is_kept(talks: Talks, title: str) -> None:
    made = talks.begin(title=title)

    shown = talks.send("GET", f"/{made}").json()["title"]
    assert shown == title.replace("\0", "")


def test_a_lone_surrogate_is_refused(talks: Talks) -> None:
    reply = talks.send(
        "POST",
        content=rb'{"title": "\ud800"}',
        headers={"content-type": "application/json"},
    )

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "invalid_json"


@pytest.mark.parametrize(
    "malformed",
    [
        "x", "conv_", "conv_" + "a" * 25, UNKNOWN + "%00", "%00", "%ff", "..%2f..",
        "'%20OR%201=1%20--", "conv_" + "%C3%BC" * 24, "a" * 3000,
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "rest"),
    [("GET", ""), ("POST", ""), ("DELETE", ""), ("GET", "/messages")],
)
def test_malformed_ids_are_answered_like_unknown_ones(
    talks: Talks, method: str, rest: str, malformed: str
) -> None:
    given: dict[str, Any] = {"json": {}} if method == "POST" else {}
    unknown = talks.send(method, f"/{UNKNOWN}{rest}", **given)
    reply = talks.send(method, f"/{malformed}{rest}", **given)

    assert (unknown.status_code, reply.status_code) == (404, 404)
    assert unknown.json()["error"]["code"] == "conversation_not_found"
    if "%2f" not in malformed:
        assert reply.content == unknown.content


def test_pages_follow_each_other_to_the_end(talks: Talks) -> None:
    begun = [talks.begin(user="pages") for _ in range(5)]
    found, query = [], {"limit": 2, "user": "pages"}
    while True:
        page = talks.send("GET", params=query).json()
        ids = [c["id"] for c in page["data"]]
        found += ids
        assert (page["first_id"], page["last_id"]) == (ids[0], ids[-1])
        if not page["has_more"]:
            break
        query["after"] = page["last_id"]

    assert found == begun[::-1]


def test_a_list_of_nothing_is_empty(talks: Talks) -> None:
    assert talks.send("GET", params={"user": "nobody\0"}).json() == {
        "object": "list", "data": [], "first_id": None, "last_id": None,
        "has_more": False,
    }  # fmt: skip


@pytest.mark.parametrize("limit", [0, 101, -1, "many"])
def test_a_page_of_another_size_is_refused(talks: Talks, limit: object) -> None:
    for path in ("", f"/{UNKNOWN}/messages"):
        reply = talks.send("GET", path, params={"limit": limit})

        assert reply.status_code == 400
        assert reply.json()["error"]["param"] == "limit"


def test_messages_come_in_pages_and_in_order(whole: Whole, talks: Talks) -> None:
    begun = talks.begin()
    for _ in range(3):
        whole.ask(**within(begun))
    everything = [m["id"] for m in talks.messages(begun, limit=100)]
    found: list[str] = []
    while True:
        query = {"limit": 2} | ({"after": found[-1]} if found else {})
        page = talks.send("GET", f"/{begun}/messages", params=query).json()
        found += [m["id"] for m in page["data"]]
        assert page["last_id"] == found[-1]
        if not page["has_more"]:
            break
    odd = talks.messages(begun, limit=3, after=everything[0])

    assert len(everything) == 6
    assert found == everything
    assert [m["id"] for m in odd] == everything[1:4]


@pytest.mark.parametrize("after", ["x", "msg_" + "a" * 24, "msg_\0", "chatcmpl-"])
def test_messages_cannot_begin_after_what_is_not_there(
    whole: Whole, talks: Talks, after: str
) -> None:
    begun, other = talks.begin(), talks.begin()
    whole.ask(**within(other))
    for wanted in (after, talks.last(other)["id"]):
        reply = talks.send("GET", f"/{begun}/messages", params={"after": wanted})

        assert reply.status_code == 404
        assert reply.json()["error"]["code"] == "not_found"


def test_a_deleted_conversation_cannot_be_continued(whole: Whole, talks: Talks) -> None:
    begun = talks.begin()
    talks.send("DELETE", f"/{begun}")
    whole.says()
    asked = {"model": "frontdesk", "messages": [{"role": "user", "content": "x"}]}
    said = [
        talks._http.post(
            "/chat/completions", json=asked | {"rag": {"conversation_id": named}}
        )
        for named in (begun, UNKNOWN, "x\0", "x" * 500)
    ]

    assert {reply.status_code for reply in said} == {404}
    assert {reply.json()["error"]["code"] for reply in said} == {
        "conversation_not_found"
    }
    assert len({reply.content for reply in said}) == 1
    assert whole.asked == []


def test_the_description_of_the_api_has_every_route(talks: Talks) -> None:
    root = talks._http.base_url.copy_with(path="/openapi.json")
    paths = talks._http.get(root).json()["paths"]

    bodies = {
        path: sorted(method for method in paths[path])
        for path in paths
        if "conversations" in path or path == "/v1/data"
    }
    assert bodies == {
        "/v1/conversations": ["get", "post"],
        "/v1/conversations/{conversation_id}": ["delete", "get", "post"],
        "/v1/conversations/{conversation_id}/messages": ["get"],
        "/v1/data": ["delete", "get"],
    }
    assert "requestBody" in paths["/v1/conversations"]["post"]
