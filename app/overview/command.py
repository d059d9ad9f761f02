"""Looks at what was asked, and writes it where it is wanted."""

import datetime as dt
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from app.access.scopes import SCOPES
from app.api.insights import gatherer_of
from app.database.engine import open_database
from app.errors import AppError, NotWritable
from app.evaluation.files import STDOUT, check_writable, replace
from app.insights.figures import Insights
from app.overview.page import page
from app.overview.terminal import print_error, print_insights, print_json
from app.resources import open_resources
from app.settings import Settings
from ingest.documents import Principal


class Wishes(Struct, frozen=True, kw_only=True):
    """What the command is asked for.

    Attributes:
        tenant: Whose questions are looked at; "" takes the settings' tenant.
        labels: Access labels that decide which documents are looked at; none takes
            those of the settings.
        days: Days to look at, today among them.
        json: File for all of it; "-" prints it, "" writes none.
        html: File for the page; "" writes none.
    """

    tenant: str
    labels: tuple[str, ...]
    days: int
    json: str
    html: str


async def tell(settings: Settings, wishes: Wishes) -> int:
    """Print and write insights; return the exit code."""
    try:
        # What can be refused is refused before anything is read.
        if wishes.html == STDOUT:
            raise NotWritable("--html -: name a file for the page")
        for name in (wishes.json, wishes.html):
            check_writable(name)
        _write(await _gathered(settings, wishes), wishes)
    except AppError as error:
        print_error(error)
        return 2
    return 0


async def _gathered(settings: Settings, wishes: Wishes) -> Insights:
    async with (
        open_database(settings.database) as database,
        open_resources(settings) as resources,
    ):
        principal = Principal(
            tenant=wishes.tenant or resources.principal.tenant,
            labels=wishes.labels or resources.principal.labels,
            scopes=frozenset(SCOPES),
        )
        today = dt.datetime.now(dt.UTC).date()
        gatherer = gatherer_of(resources, database)
        return await gatherer.gather(principal, days=wishes.days, today=today)


def _write(insights: Insights, wishes: Wishes) -> None:
    encoded = msgspec.json.format(msgspec.json.encode(insights), indent=1)
    if wishes.json == STDOUT:
        print_json(encoded)
    else:
        print_insights(insights)
        if wishes.json:
            replace(Path(wishes.json), encoded)
    if wishes.html:
        made = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
        whole = page(insights, version=version("frontdesk"), made=made)
        replace(Path(wishes.html), whole.encode())
