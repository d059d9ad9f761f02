"""The states of the service's parts: seen, counted, and told once when they change."""

import asyncio
import io
import json

from app import logs
from app.metrics import exposition
from app.states import Watch, watching


def told(stream: io.StringIO) -> list[tuple[str, str, str]]:
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [(line["level"], line["part"], line["state"]) for line in lines]


def gauge(part: str) -> str:
    text = exposition()[0].decode()
    return text.partition(f'frontdesk_part_state{{part="{part}"}} ')[2].split("\n")[0]


def test_a_change_is_one_line_however_often_it_is_asked_for() -> None:
    stream, now = io.StringIO(), {"kettle": ("up", "hot")}
    watch = Watch(lambda: now)
    with logs.logging_to(stream, "info"):
        for state in ("up", "down", "degraded", "up"):
            now["kettle"] = (state, "why")
            for _ in range(50):
                assert watch.look() == now
            assert gauge("kettle") == {"up": "0.0", "degraded": "1.0"}.get(state, "2.0")

    assert told(stream) == [
        ("warning", "kettle", "down"),
        ("warning", "kettle", "degraded"),
        ("info", "kettle", "up"),
    ]


async def test_a_change_is_told_although_nobody_asks() -> None:
    stream, now = io.StringIO(), {"lamp": ("up", "")}
    with logs.logging_to(stream, "info"):
        async with watching(Watch(lambda: now)):
            await asyncio.sleep(0)
            now["lamp"] = ("down", "broken")
            await asyncio.sleep(1.5)

    assert told(stream) == [("warning", "lamp", "down")]
