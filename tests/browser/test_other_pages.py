"""Pages of other origins, in a real browser: the widget's own, and any other."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from tests.browser.chromium import MARKS, chromium
from tests.keys import make_key
from tests.served import served
from tests.service import service

pytestmark = MARKS

ASK = """async ([address, key]) => {
  const send = async (path, shown, body) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${shown}` };
    const reply = await fetch(address + path, { method: "POST", headers, body: JSON.stringify(body) });
    return [reply.status, reply.headers.get("x-request-id"), await reply.json()];
  };
  const opened = await send("/v1/widget/sessions", key, {});
  const messages = [{ role: "user", content: "How do I reset the hub?" }];
  const answer = await send("/v1/chat/completions", opened[2].token, { model: "frontdesk", messages });
  return [opened[0], answer[0], answer[1], answer[2].choices[0].message.content];
}"""


async def page_of_a_shop(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/html")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"<!doctype html><title>Shop"})


@pytest.fixture
def browser() -> Iterator[Page]:
    with chromium() as opened:
        yield opened.new_page()


def test_only_the_page_that_a_widgets_key_names_can_use_it(
    browser: Page, sample_home: Path, tmp_path: Path
) -> None:
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}"}
    with ExitStack() as stack:
        mine = stack.enter_context(served(page_of_a_shop))
        other = stack.enter_context(served(page_of_a_shop))
        key = make_key(sample_home, "--widget", "--origin", mine, **own)
        address = stack.enter_context(service(sample_home, **own))

        browser.goto(mine)
        opened, answered, request_id, said = browser.evaluate(ASK, [address, key])
        browser.goto(other)
        with pytest.raises(Error, match="Failed to fetch"):
            browser.evaluate(ASK, [address, key])

    assert (opened, answered) == (200, 200)
    assert request_id.startswith("req_")
    assert said
