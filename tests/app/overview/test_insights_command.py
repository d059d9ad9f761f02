"""What ``frontdesk insights`` prints and writes."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.database.engine import open_database
from app.settings import DatabaseSettings
from tests.app.insights.made_turns import keep_thumb, keep_turns, turn
from tests.command import frontdesk
from tests.databases import KINDS, database_url

HOSTILE = "<script>alert(1)</script> [bold]Zigbee[/]"


async def fill(url: str) -> None:
    now = time.time()
    async with open_database(DatabaseSettings(url=url)) as database:
        rows = [
            turn("default", question=question, answered=answered, created=now - n,
                 documents=["limits.md"])
            for n, (question, answered) in enumerate([
                ("How do I reset the hub?", False),
                ("How can I reset my hub", False),
                (HOSTILE, False),
                ("", False),
                ("What does E-207 mean?", True),
            ])
        ]  # fmt: skip
        await keep_turns(database, *rows, turn("other", question="secret-canary"))
        await keep_thumb(database, rows[0], comment="It did not help")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        asyncio.run(fill(url))
        yield url


def run(home: Path, *arguments: str, **variables: str) -> Any:
    return frontdesk(home, "insights", *arguments, **variables)


def test_it_prints_a_table_and_writes_a_page(
    sample_home: Path, url: str, tmp_path: Path
) -> None:
    file = tmp_path / "insights.html"

    wide = {"DATABASE_URL": url, "COLUMNS": "200"}
    done = run(sample_home, "--days", "2", "--html", str(file), **wide)

    assert done.returncode == 0, done.stderr
    assert "1 of the questions that were not answered" in done.stderr
    assert "How can I reset my hub" in done.stdout
    assert "[bold]Zigbee[/]" in done.stdout
    assert "secret-canary" not in done.stdout + file.read_text()
    page = file.read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [bold]Zigbee[/]" in page


def test_json_holds_all_of_it(sample_home: Path, url: str) -> None:
    done = run(sample_home, "--json", "-", DATABASE_URL=url)

    found = json.loads(done.stdout)
    assert found["total"]["questions"] == 5
    assert found["unrecorded"] == 1
    reset = next(t for t in found["topics"] if "reset" in t["question"])
    assert (reset["count"], reset["down_voted"]) == (2, 1)
    assert reset["nearest"]["path"] == "install/hub-reset.md"
    assert reset["nearest"]["similarity"] > 0.5
    assert "comment" in json.dumps(reset["examples"])
    assert found["documents"]["most_used"] == [{"path": "limits.md", "answers": 1}]


def test_another_tenant_is_looked_at_on_its_own(sample_home: Path, url: str) -> None:
    done = run(sample_home, "--tenant", "other", "--json", "-", DATABASE_URL=url)

    found = json.loads(done.stdout)
    assert (found["tenant"], found["total"]["questions"]) == ("other", 1)
    assert found["documents"]["total"] == 0


@pytest.mark.parametrize(
    ("arguments", "variables", "reason"),
    [
        (["--html", "-"], {}, "name a file"),
        (["--html", "/nowhere/at/all.html"], {}, "no file can be written there"),
        ([], {"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ([], {"DATABASE_URL": "postgresql://127.0.0.1:9/x"}, "error: "),
    ],
)
def test_what_cannot_be_told_is_one_line_and_exits_with_2(
    sample_home: Path, arguments: list[str], variables: dict[str, str], reason: str
) -> None:
    done = run(sample_home, *arguments, **variables)

    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
