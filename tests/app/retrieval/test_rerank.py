"""The reranker with a real process and a real, random model."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.retrieval.rerank import LATE, UNAVAILABLE, Reranker, open_reranker
from app.settings import RerankSettings
from ingest.documents import Hit
from ingest.errors import ModelUnusable
from tests.app.hits import hit
from tests.app.retrieval.cross_encoders import logits_of, make_cross_encoder
from tests.command import ROOT
from tests.ingest.embedding.tiny_models import make_model

QUESTION = "how do i reset the hub?"
TEXTS = ("press the button", "the hub resets", "call us", "a red light", "29 euros")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("models") / "tiny")


@asynccontextmanager
async def running(model: Path, **settings: float) -> AsyncIterator[Reranker]:
    given = RerankSettings(model=str(model), **settings)  # type: ignore[arg-type]  # whole numbers are given whole
    reranker = open_reranker(given, cache=model.parent, pause=0.05)
    await reranker.start()
    try:
        yield reranker
    finally:
        await reranker.close()


def hits() -> list[Hit]:
    return [
        hit(text, path=f"{n}.md", title="", score=0.9 - n / 10)
        for n, text in enumerate(TEXTS)
    ]


def paths(found: tuple[Hit, ...]) -> list[str]:
    return [h.chunk.path for h in found]


async def test_the_order_is_the_models_own(model: Path) -> None:
    logits = logits_of(model, QUESTION, TEXTS)
    own = sorted(range(len(TEXTS)), key=lambda n: -logits[n])
    assert own != sorted(own), "this model would change nothing"

    async with running(model, timeout=60) as reranker:
        found = await reranker.rerank(QUESTION, hits())
        shallow = await reranker.rerank(QUESTION, hits()[:2])
        nothing = await reranker.rerank(QUESTION, [])

    assert paths(found.hits) == [f"{n}.md" for n in own]
    assert found.degraded is None
    assert len(shallow.hits) == 2
    assert nothing.hits == ()


async def test_hits_beyond_the_depth_stay_behind_in_their_order(model: Path) -> None:
    async with running(model, timeout=60, depth=3) as reranker:
        found = await reranker.rerank(QUESTION, hits())

    assert sorted(paths(found.hits)[:3]) == ["0.md", "1.md", "2.md"]
    assert paths(found.hits)[3:] == ["3.md", "4.md"]


async def test_out_of_time_the_fused_order_stands_and_says_so(model: Path) -> None:
    async with running(model, timeout=0.0001) as reranker:
        found = await reranker.rerank(QUESTION, hits())

        assert found.hits == tuple(hits())
        assert found.degraded == LATE
        assert reranker.state()[0] == "up"


async def test_the_loop_runs_on_while_the_model_works(tmp_path: Path) -> None:
    large = make_cross_encoder(tmp_path / "large", width=256, layers=6)
    many = [hit(f"{n} " + "button " * 60, position=n) for n in range(200)]

    async with running(large, timeout=120, depth=200) as reranker:
        working = asyncio.create_task(reranker.rerank(QUESTION, many))
        start = last = time.perf_counter()
        lag = 0.0
        while not working.done():
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            lag, last = max(lag, now - last), now
        found = await working

    seconds = last - start
    assert found.degraded is None
    # In the loop, the longest pause would be the whole time.
    assert seconds > 0.3
    assert lag < seconds / 2


async def test_more_questions_than_may_wait_are_all_answered(tmp_path: Path) -> None:
    large = make_cross_encoder(tmp_path / "large", width=256, layers=6)
    many = [hit(f"{n} " + "button " * 60, position=n) for n in range(40)]

    async with running(large, timeout=2, depth=40) as reranker:
        asked = [reranker.rerank(QUESTION, many) for _ in range(40)]
        found = await asyncio.gather(*asked)
        # What nobody waits for any longer does not keep the next one waiting.
        later = await reranker.rerank(QUESTION, many[:1])

    assert {one.degraded for one in found} <= {None, LATE}
    assert LATE in {one.degraded for one in found}
    assert all(len(one.hits) == 40 for one in found)
    assert later.degraded is None


async def test_a_process_that_dies_is_replaced(model: Path) -> None:
    async with running(model, timeout=60) as reranker:
        first = reranker.pid
        assert first is not None
        # It must not be done before it dies.
        os.kill(first, signal.SIGSTOP)
        working = asyncio.create_task(reranker.rerank(QUESTION, hits()))
        await asyncio.sleep(0)
        os.kill(first, signal.SIGKILL)
        during = await working
        await until(lambda: reranker.pid != first)

        assert reranker.state()[0] == "degraded"
        assert "SIGKILL" in reranker.state()[1]
        meanwhile = await reranker.rerank(QUESTION, hits())
        await until(lambda: reranker.pid is not None)
        again = await reranker.rerank(QUESTION, hits())

    assert (during.degraded, meanwhile.degraded) == (UNAVAILABLE, UNAVAILABLE)
    assert meanwhile.hits == tuple(hits())
    assert again.degraded is None


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 — nothing tells when a process is replaced
            await asyncio.sleep(0.01)


async def test_closing_ends_the_process(model: Path) -> None:
    async with running(model) as reranker:
        pid = reranker.pid
        assert pid is not None

    assert not lives(pid)


PARENT = """
import asyncio, sys
from pathlib import Path
from app.retrieval.scorer import Scorer

async def main():
    scorer = await Scorer.start(Path(sys.argv[1]), threads=1)
    print(scorer.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_it_ends_with_a_service_that_was_killed(model: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(model)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        alive = lives(pid)
        parent.kill()

    deadline = time.monotonic() + 10
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive
    assert not lives(pid)


def lives(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return not (status.exists() and status.read_text().rpartition(")")[2][1] == "Z")
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(params=["folder", "name", "embedder", "pickle", "code"])
def unusable(
    request: pytest.FixtureRequest, model: Path, tmp_path: Path
) -> Iterator[tuple[str, str]]:
    """A value of RERANK_MODEL and a part of the message about it."""
    folder = tmp_path / "model"
    if request.param == "folder":
        yield str(folder), "no folder"
    elif request.param == "name":
        yield "no-such-model", "hf download cross-encoder/no-such-model"
    elif request.param == "embedder":
        yield str(make_model(folder)), "no cross-encoder"
    else:
        shutil.copytree(model, folder)
        if request.param == "pickle":
            (folder / "pytorch_model.bin").write_bytes(b"")
        else:
            config = (folder / "config.json").read_text()
            code = '{"sentence_transformers": {"activation_fn": "torch.hub.load"},'
            (folder / "config.json").write_text(config.replace("{", code, 1))
        yield str(folder), "is refused"


def test_a_model_that_is_none_is_refused_before_it_is_loaded(
    unusable: tuple[str, str], tmp_path: Path
) -> None:
    value, message = unusable

    with pytest.raises(ModelUnusable, match=message) as refused:
        open_reranker(RerankSettings(model=value), cache=tmp_path)

    assert "EMBEDDING_MODEL" not in str(refused.value)


@pytest.mark.parametrize("fault", ["labels", "weights"])
async def test_a_model_that_does_not_load_says_why(tmp_path: Path, fault: str) -> None:
    labels = 3 if fault == "labels" else 1
    folder = make_cross_encoder(tmp_path / "model", labels=labels)
    if fault == "weights":
        weights = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    reranker = open_reranker(RerankSettings(model=str(folder)), cache=tmp_path)

    with pytest.raises(ModelUnusable, match="RERANK_MODEL") as refused:
        await reranker.start()

    assert ("3 scores" if fault == "labels" else "cannot be loaded") in str(
        refused.value
    )
    assert reranker.pid is None
