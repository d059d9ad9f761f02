"""The command that tells what was asked: ``insights``."""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.settings import load_settings
from ingest.cli import told_errors
from ingest.settings import environment


def insights(
    days: Annotated[
        int, typer.Option(min=1, max=366, help="Days to look at, today among them.")
    ] = 30,
    tenant: Annotated[
        str, typer.Option(help="Whose questions; else ACCESS_TENANT.")
    ] = "",
    label: Annotated[
        list[str] | None,
        typer.Option(
            help="Look at documents with this access label; else ACCESS_LABELS. "
            "Repeatable."
        ),
    ] = None,
    to_json: Annotated[
        str, typer.Option("--json", metavar="FILE", help="Write all of it; - prints.")
    ] = "",
    to_html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Write a page with plots.")
    ] = "",
) -> None:
    """Tell what was asked and not answered, what was voted down, and what it took.

    Reads the database that DATABASE_URL names, and the index for the nearest document.
    Exits with 2 if nothing can be told.
    """
    from app.overview.command import Wishes, tell

    # What goes wrong is printed once: as the error, not as a line of the log as well.
    logging.getLogger().addHandler(logging.NullHandler())
    wishes = Wishes(
        tenant=tenant,
        labels=tuple(label or ()),
        days=days,
        json=to_json,
        html=to_html,
    )
    with told_errors():
        settings = load_settings(environment(os.environ, Path.cwd()))
        sys.exit(asyncio.run(tell(settings, wishes)))
