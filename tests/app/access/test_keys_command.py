"""``frontdesk keys``: what an operator types and sees."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from app.access.keys import DAY
from tests.command import frontdesk
from tests.keys import id_of, make_key

KEY = re.compile(r"[rw]k_[0-9A-Za-z]{24}_[0-9A-Za-z]{49}\n")


@pytest.fixture
def home(tmp_path: Path) -> tuple[Path, str]:
    """A folder to be in, and the URL of a database."""
    return tmp_path, f"sqlite:///{tmp_path / 'frontdesk.db'}"


def keys(home: tuple[Path, str], *arguments: str, **variables: str) -> Any:
    return frontdesk(home[0], "keys", *arguments, DATABASE_URL=home[1], **variables)


def listed(home: tuple[Path, str], *options: str) -> list[dict[str, Any]]:
    done = keys(home, "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_key_is_alone_on_stdout_and_shown_once(tmp_path: Path, url: str) -> None:
    home = tmp_path, url
    done = keys(home, "create", "--name", "shop")

    assert done.returncode == 0
    assert KEY.fullmatch(done.stdout)
    assert id_of(done.stdout.strip()) in done.stderr
    secret = done.stdout.strip()[28:]
    again = keys(home, "list").stdout + keys(home, "list", "--json").stdout
    assert "shop" in again
    assert secret not in again + done.stderr
    assert "digest" not in again


def test_every_option_reaches_the_key(home: tuple[Path, str]) -> None:
    done = keys(
        home, "create", "--name", "n", "--tenant", "acme", "--scope", "chat",
        "--scope", "chat:system", "--scope", "chat", "--label", "staff", "--label",
        "public", "--expires", "30", "--requests-per-minute", "1",
        "--tokens-per-minute", "2", "--tokens-per-day", "3", "--money-per-day", "4.5",
        "--streams", "6", "--json",
    )  # fmt: skip

    made = json.loads(done.stdout)

    assert made["scopes"] == ["chat", "chat:system"]
    assert made["labels"] == ["staff", "public"]
    assert made["tenant"] == "acme"
    assert made["expires"] == pytest.approx(time.time() + 30 * DAY, abs=120)
    assert made["limits"] == {
        "requests_per_minute": 1,
        "tokens_per_minute": 2,
        "tokens_per_day": 3,
        "money_per_day": 4.5,
        "streams": 6,
    }
    told = made.pop("key")
    assert listed(home, "--tenant", "acme") == [made]
    assert listed(home, "--tenant", "other") == []
    assert id_of(told) == made["id"]


def test_what_is_left_out_comes_from_the_settings(home: tuple[Path, str]) -> None:
    settings = {"ACCESS_TENANT": "acme", "ACCESS_LABELS": "public, staff"}
    keys(home, "create", "--name", "n", **settings)

    [key] = listed(home)

    assert (key["tenant"], key["labels"]) == ("acme", ["public", "staff"])


def test_a_key_of_a_widget_names_its_pages(home: tuple[Path, str]) -> None:
    pages = ("--origin", "https://a.example", "--origin", "http://localhost:3000")
    done = keys(home, "create", "--name", "n", "--widget", *pages)

    [key] = listed(home)

    assert done.stdout.startswith("wk_")
    assert key["origins"] == ["https://a.example", "http://localhost:3000"]
    assert key["scopes"] == ["session"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scope", "chat:all"), "chat:system"),
        (("--scope", "session"), "widget"),
        (("--widget",), "origins"),
        (("--widget", "--origin", "https://a.example/"), "without a path"),
        (("--origin", "https://a.example"), "widget"),
        (("--expires", "yesterday"), "2027-01-31"),
        (("--expires", "2001-01-01"), "past"),
        (("--expires", "99999999999999"), "2027-01-31"),
        (("--streams", "-1"), "--streams"),
        (("--tenant", "a\nb"), "tenant"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_and_makes_no_key(
    home: tuple[Path, str], options: tuple[str, ...], said: str
) -> None:
    done = keys(home, "create", "--name", "n", *options)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert listed(home) == []


def test_a_key_ends_at_the_begin_of_a_day(home: tuple[Path, str]) -> None:
    keys(home, "create", "--name", "n", "--expires", "2099-12-31")

    assert listed(home)[0]["expires"] == 4102358400


def test_a_revoked_key_stays_in_the_list_as_revoked(home: tuple[Path, str]) -> None:
    key = make_key(home[0], DATABASE_URL=home[1])

    done = keys(home, "revoke", id_of(key))

    assert done.returncode == 0
    assert listed(home)[0]["revoked"] is not None
    assert "revoked" in keys(home, "list", COLUMNS="200").stdout


def test_a_rotated_key_is_shown_and_the_old_one_has_its_hours(
    home: tuple[Path, str],
) -> None:
    old = make_key(home[0], "--scope", "retrieve", DATABASE_URL=home[1])

    done = keys(home, "rotate", id_of(old), "--grace", "2")

    assert KEY.fullmatch(done.stdout)
    new, before = listed(home)
    assert new["id"] == id_of(done.stdout.strip())
    assert (new["replaces"], new["scopes"]) == (before["id"], ["retrieve"])
    assert before["expires"] == pytest.approx(time.time() + 7200, abs=120)


def test_an_id_that_nothing_has_is_said_to_be_none(home: tuple[Path, str]) -> None:
    for command in ("revoke", "rotate"):
        for id_ in ("key_" + "a" * 24, "' OR 1=1", "rk_x"):
            done = keys(home, command, id_)

            assert done.returncode == 2
            assert done.stderr == "error: There is no such key.\n"


def test_a_database_that_is_away_is_told_in_a_line(tmp_path: Path) -> None:
    done = keys((tmp_path, "postgresql://postgres@127.0.0.1:1/none"), "list")

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
