"""The commands that make, list, revoke and rotate keys: ``keys``.

A key goes to stdout alone, so that it can be caught; what is said about it goes to
stderr.
"""

import asyncio
import datetime as dt
import logging
import os
import sys
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from app.access.granting import USUAL, checked
from app.access.keys import Grant, Key
from app.access.limits import Limits
from app.access.scopes import SCOPES
from app.errors import AppError
from app.settings import Settings, load_settings
from ingest.cli import told_errors
from ingest.printing import print_json
from ingest.settings import environment

if TYPE_CHECKING:
    from app.access.keyring import Keyring, Made

T = TypeVar("T")

keys = typer.Typer(
    help="Make, list, revoke and rotate the keys that callers show.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Id = Annotated[
    str, typer.Argument(metavar="ID", help="The key's id, key_…, as `list` tells it.")
]
Count = Annotated[
    int,
    typer.Option(min=0, help="Limit of this key; 0 takes the usual one, KEY_LIMIT_…."),
]


@keys.command()
def create(
    name: Annotated[str, typer.Option(help="What you call it.")],
    tenant: Annotated[
        str, typer.Option(help="Whose documents it opens; else ACCESS_TENANT.")
    ] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"One of {', '.join(s for s in SCOPES if s != 'session')}. Repeatable; "
            f"without any: {', '.join(USUAL)}."
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="Access label it holds; else ACCESS_LABELS. Repeatable."),
    ] = None,
    expires: Annotated[
        str,
        typer.Option(
            metavar="DAYS|DATE", help="Days from now, or a day such as 2027-01-31."
        ),
    ] = "",
    widget: Annotated[
        bool,
        typer.Option(
            "--widget", help="A key that a page may show: it only opens sessions."
        ),
    ] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Page a widget's key works on, as https://example.com. Repeatable."
        ),
    ] = None,
    requests_per_minute: Count = 0,
    tokens_per_minute: Count = 0,
    tokens_per_day: Count = 0,
    money_per_day: Annotated[
        float,
        typer.Option(
            min=0, help="In the price table's currency; 0 takes the usual limit."
        ),
    ] = 0.0,
    streams: Annotated[
        int,
        typer.Option(min=0, help="Answers at the same time; 0 takes the usual limit."),
    ] = 0,
    as_json: Json = False,
) -> None:
    """Make a key, and show it: this once, on stdout."""
    with _told():
        settings = _settings()
        given = {
            "tenant": tenant or settings.access.tenant,
            "name": name,
            "kind": "widget" if widget else "secret",
            "scopes": tuple(dict.fromkeys(scope or ())),
            "labels": tuple(dict.fromkeys(label or _labels(settings))),
            "origins": tuple(dict.fromkeys(origin or ())),
            "limits": Limits(
                requests_per_minute=requests_per_minute,
                tokens_per_minute=tokens_per_minute,
                tokens_per_day=tokens_per_day,
                money_per_day=money_per_day,
                streams=streams,
            ),
            "expires": _time_of(expires),
        }
        grant = checked(_grant(given), now=time.time())
        _show(_run(settings, lambda ring: ring.create(grant)), as_json=as_json)


@keys.command("list")
def list_all(
    tenant: Annotated[str, typer.Option(help="Only those of this tenant.")] = "",
    as_json: Json = False,
) -> None:
    """List the keys, newest first; never their secrets."""
    with _told():
        found = _run(_settings(), lambda ring: ring.list(tenant or None))
        if as_json:
            print_json(msgspec.json.encode(found))
            return
        _print(found)


@keys.command()
def revoke(id_: Id) -> None:
    """End a key: within 5 seconds no service takes it any more."""
    with _told():
        key = _run(_settings(), lambda ring: ring.revoke(id_, None))
        print(f"{key.id} ({key.name}) is revoked", file=sys.stderr)


@keys.command()
def rotate(
    id_: Id,
    grace: Annotated[
        float, typer.Option(min=0, help="Hours for which the old one stays valid.")
    ] = 24.0,
    as_json: Json = False,
) -> None:
    """Make a key with the same rights, and show it; the old one ends after a while."""
    with _told():
        made = _run(
            _settings(), lambda ring: ring.rotate(id_, None, grace=grace * 3600)
        )
        _show(made, as_json=as_json)


@contextmanager
def _told() -> Iterator[None]:
    # What goes wrong is printed once: as the error, not as a line of the log as well.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        with told_errors():
            yield
    except AppError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def _settings() -> Settings:
    return load_settings(environment(os.environ, Path.cwd()))


def _labels(settings: Settings) -> list[str]:
    return [label.strip() for label in settings.access.labels.split(",")]


def _grant(given: Mapping[str, object]) -> Grant:
    try:
        return msgspec.convert(given, Grant)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(
            f"there are the scopes {', '.join(SCOPES)}", param_hint="--scope"
        ) from error


def _time_of(text: str) -> float | None:
    """Return when a key ends of which `text` says in how many days, or on which."""
    if not text:
        return None
    try:
        if text.isdecimal():
            later = dt.datetime.now(dt.UTC) + dt.timedelta(days=int(text))
            return later.timestamp()
        day = dt.date.fromisoformat(text)
        return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            "give days, or a day such as 2027-01-31", param_hint="--expires"
        ) from error


def _run(settings: Settings, work: "Callable[[Keyring], Awaitable[T]]") -> T:
    async def opened() -> T:
        async with _keyring(settings) as ring:
            return await work(ring)

    return asyncio.run(opened())


@asynccontextmanager
async def _keyring(settings: Settings) -> "AsyncIterator[Keyring]":
    # Takes a quarter of a second, which other commands do without.
    from app.access.keyring import Keyring
    from app.database.engine import open_database

    async with open_database(settings.database) as database:
        yield Keyring(database, pepper=settings.access.pepper)


def _show(made: "Made", *, as_json: bool) -> None:
    if as_json:
        told = {"key": made.text} | msgspec.to_builtins(made.key)
        print_json(msgspec.json.encode(told))
        return
    key = made.key
    ends = f", until {_day(key.expires)}" if key.expires else ""
    print(
        f"{key.id} ({key.name}), for tenant {key.tenant}: {', '.join(key.scopes)}{ends}\n"
        "Keep it now: it is not shown again.",
        file=sys.stderr,
    )
    print(made.text)


def _state(key: Key, now: float) -> str:
    if key.revoked is not None:
        return f"revoked {_day(key.revoked)}"
    if key.expires is None:
        return "valid"
    return f"{'expired' if key.expired(now) else 'until'} {_day(key.expires)}"


def _day(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).strftime("%Y-%m-%d %H:%M")


def _print(found: Sequence[Key]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_lines=True)
    # An id that is cut cannot be revoked.
    table.add_column("key", no_wrap=True, min_width=28)
    for title in ("tenant", "scopes; labels", "state; used"):
        table.add_column(title, overflow="fold")
    now = time.time()
    for key in found:
        table.add_row(
            f"{key.id}\n{escape(key.name)}",
            escape(key.tenant),
            escape(f"{', '.join(key.scopes)}\n{', '.join(key.labels)}"),
            f"{_state(key, now)}\n{_day(key.used) if key.used else 'never used'}",
        )
    Console().print(table)
