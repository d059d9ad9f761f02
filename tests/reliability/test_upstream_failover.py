"""One of two endpoints is dead, in every way one can be: callers hardly notice."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from app.errors import UpstreamFailed
from app.upstream.client import Upstream
from tests.app.upstream.asking import ask, opened
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import size
from tests.reliability.test_upstream_unreached import refusing, swallowing
from tests.reliability.upstreams import HELLO
from tests.scripted_upstream import (
    Cut,
    Hold,
    Reply,
    ScriptedUpstream,
    either,
    refused,
    spoken,
)

ASKED = size(100, 1000)
AT_ONCE = 20
SCRIPTS = {
    "500s": refused(500, "x"),
    "HTML with 200": Reply((b"<html>",), 200, {"content-type": "text/html"}),
    "hangs before its first byte": Reply(before=(Hold(),)),
    "hangs after its head": Reply((Hold(),)),
    "RST": Reply(before=(Cut(reset=True),)),
    "FIN": Reply(before=(Cut(),)),
    "refuses our key": refused(401, "x"),
    "nonsense": Reply((b"data: nonsense\n\n",)),
}


@contextmanager
def dead(form: str) -> Iterator[str]:
    """Yield the address of an endpoint that is dead in one way."""
    with ExitStack() as stack:
        if form == "refused":
            yield stack.enter_context(refusing())
        elif form == "blackhole at connect":
            yield stack.enter_context(swallowing())
        elif form == "blackhole after connect":
            full = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            yield f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        else:
            yield stack.enter_context(ScriptedUpstream(SCRIPTS[form])).url


async def answered(upstream: Upstream, number: int) -> int:
    """Ask `number` questions, some at once; return how many were answered."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(stream: bool) -> bool:
        async with free:
            try:
                return await ask(upstream, stream=stream) == "Hello"
            except UpstreamFailed:
                return False

    return sum(await asyncio.gather(*(one(bool(n % 2)) for n in range(number))))


@pytest.mark.parametrize("first", [True, False], ids=["preferred", "second"])
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(
            form, marks=pytest.mark.row("U20", form, "at least 99.9 % answered")
        )
        for form in (
            "refused",
            "blackhole at connect",
            "blackhole after connect",
            *SCRIPTS,
        )
    ],
)
async def test_callers_are_answered_while_one_of_two_endpoints_is_dead(
    form: str, first: bool, seen: Seen, figure: Figure
) -> None:
    # The second one is asked only where the first fails.
    number = ASKED if first else 100
    with dead(form) as url, ScriptedUpstream(either("Hello")) as other:
        order = (url, other.url) if first else (other.url, url)
        async with opened(
            *order, first_byte_timeout=8.0, total_timeout=8.0, gap_timeout=5.0
        ) as upstream:
            found = await answered(upstream, number)

    told = f"{100 * found / number:.2f} % of {number:,}"
    seen(told)
    if first:
        figure(f"success with 1 of 2 endpoints dead: {form}", told, ">= 99.9 %")
    assert found >= 0.999 * number


async def test_a_dead_endpoint_is_left_alone_after_a_few_calls() -> None:
    with (
        ScriptedUpstream(refused(500, "x")) as first,
        ScriptedUpstream(either("Hello")) as second,
    ):
        async with opened(first.url, second.url) as upstream:
            for _ in range(60):
                assert await ask(upstream, stream=True) == "Hello"
            state = upstream.state()

    # Twenty calls tell enough; one may have probed it since.
    assert len(first.requests) <= 23
    assert len(second.requests) == 60
    assert state[0] == "degraded"
    assert "not asked for now" in state[1]


async def test_while_every_endpoint_is_left_alone_nobody_waits() -> None:
    with refusing() as one, refusing() as two:
        async with opened(one, two) as upstream:
            errors = []
            for _ in range(6):
                with pytest.raises(UpstreamFailed) as caught:
                    await ask(upstream, stream=False)
                errors.append(caught.value)

    assert 0 < (errors[-1].retry_after or 0) <= 5
    assert "not asked for now" in str(errors[-1])


@pytest.mark.row("U20", "breaks off in the middle", "an error, nobody else is asked")
async def test_what_broke_in_the_middle_is_not_asked_elsewhere(seen: Seen) -> None:
    cut = Reply((b'{"choices": [{', Cut()), 200, {"content-type": "application/json"})
    with (
        ScriptedUpstream(Reply((HELLO, Cut())), cut) as first,
        ScriptedUpstream(either("Hello")) as second,
    ):
        async with opened(first.url, second.url) as upstream:
            for stream in (True, False):
                with pytest.raises(UpstreamFailed) as caught:
                    await ask(upstream, stream=stream)
                seen(type(caught.value).__name__)

    assert len(first.requests) == 2
    assert second.requests == []


async def test_one_that_hangs_leaves_the_other_a_share_of_the_time() -> None:
    with (
        ScriptedUpstream(Reply(before=(Hold(),))) as first,
        ScriptedUpstream(Reply(before=(Hold(),))) as second,
        ScriptedUpstream(spoken("Hello")) as third,
    ):
        async with opened(
            first.url, second.url, third.url, first_byte_timeout=3.0
        ) as upstream:
            loop = asyncio.get_running_loop()
            start = loop.time()
            assert await ask(upstream, stream=True) == "Hello"
            took = loop.time() - start

    # A third of three seconds, and a half of the two that were left.
    assert 1.9 <= took < 3


async def test_retries_of_one_endpoint_are_a_tenth_of_its_requests() -> None:
    with ScriptedUpstream(refused(429, "slow_down", retry_after_ms="1")) as server:
        async with opened(server.url) as upstream:
            for _ in range(100):
                with pytest.raises(UpstreamFailed):
                    await ask(upstream, stream=True)

    # Those that were made before it was slow, on a busy machine, are forgotten.
    assert 105 <= len(server.requests) <= 100 + 10 * 3


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_no_more_than_two_retries_are_made_for_one_answer(stream: bool) -> None:
    with (
        ScriptedUpstream(refused(503, "x", retry_after_ms="1")) as first,
        ScriptedUpstream(refused(503, "x", retry_after_ms="1")) as second,
    ):
        async with opened(first.url, second.url) as upstream:
            with pytest.raises(UpstreamFailed):
                await ask(upstream, stream=stream)

    assert len(first.requests) + len(second.requests) == 4
