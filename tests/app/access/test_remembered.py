"""What was read a moment ago."""

import asyncio

import pytest

from app.access.remembered import Remembered


class Shelf:
    """Counts how often it is read."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.read: list[str] = []
        self.open = asyncio.Event()
        self.open.set()

    async def look(self, name: str) -> str | None:
        self.read.append(name)
        await self.open.wait()
        if name == "broken":
            raise OSError(name)
        return self.answers.get(name)


async def test_what_was_read_is_not_read_again_for_a_while() -> None:
    shelf = Shelf(a="1")
    remembered = Remembered(shelf.look, seconds=60, most=10)

    assert [await remembered.get("a") for _ in range(3)] == ["1"] * 3

    assert shelf.read == ["a"]


async def test_what_was_read_long_ago_is_read_again_and_recalled_meanwhile() -> None:
    shelf = Shelf(a="1")
    remembered = Remembered(shelf.look, seconds=0, most=10)
    await remembered.get("a")
    shelf.answers["a"] = "2"

    assert remembered.recall("a") == "1"
    assert await remembered.get("a") == "2"


async def test_those_who_ask_at_the_same_time_wait_for_one_reading() -> None:
    shelf = Shelf(a="1")
    shelf.open.clear()
    remembered = Remembered(shelf.look, seconds=0, most=10)
    asking = [asyncio.create_task(remembered.get("a")) for _ in range(20)]
    await asyncio.sleep(0)

    asking[0].cancel()
    shelf.open.set()
    answers = await asyncio.gather(*asking[1:])

    assert set(answers) == {"1"}
    assert shelf.read == ["a"]


async def test_that_there_is_nothing_is_not_remembered() -> None:
    shelf = Shelf()
    remembered = Remembered(shelf.look, seconds=60, most=10)
    assert await remembered.get("a") is None
    shelf.answers["a"] = "1"

    assert await remembered.get("a") == "1"


async def test_what_is_gone_is_forgotten() -> None:
    shelf = Shelf(a="1")
    remembered = Remembered(shelf.look, seconds=0, most=10)
    await remembered.get("a")
    del shelf.answers["a"]

    assert await remembered.get("a") is None
    assert remembered.recall("a") is None


async def test_what_was_not_asked_for_longest_makes_room() -> None:
    shelf = Shelf(a="1", b="2", c="3")
    remembered = Remembered(shelf.look, seconds=60, most=2)

    for name in ("a", "b", "a", "c"):
        await remembered.get(name)

    assert [remembered.recall(name) for name in "abc"] == ["1", None, "3"]


async def test_a_reading_that_fails_tells_all_who_wait_and_is_tried_again() -> None:
    remembered = Remembered(Shelf().look, seconds=60, most=2)

    for _ in range(2):
        with pytest.raises(OSError, match="broken"):
            await remembered.get("broken")
