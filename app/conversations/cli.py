"""The commands for what is kept of people: ``data export`` and ``data erase``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.errors import AppError
from app.settings import Settings, load_settings
from ingest.cli import told_errors
from ingest.settings import environment

data = typer.Typer(
    help="Export or erase what is kept of people: conversations, questions, feedback.",
    no_args_is_help=True,
)

Tenant = Annotated[
    str, typer.Option(help="Whose people; else the tenant of ACCESS_TENANT.")
]
User = Annotated[
    str, typer.Option(help="Only this user, as the tenant calls them; else everybody.")
]


@data.command()
def export(tenant: Tenant = "", user: User = "") -> None:
    """Print what is kept, as lines of JSON; the last line tells how much it was."""
    from app.conversations.command import print_export

    with _told():
        print_export(_settings(), tenant, user or None)


@data.command()
def erase(
    tenant: Tenant = "",
    user: User = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what is kept, for good, and print how much it was as JSON.

    Documents are not touched: take them out of their folder, and ingest it again.
    """
    from app.conversations.command import print_erased

    with _told():
        settings = _settings()
        whom = f"of the user {user!r} of" if user else "of everybody of"
        if not yes:
            typer.confirm(
                f"Erase what is kept {whom} the tenant "
                f"{tenant or settings.access.tenant!r}?",
                abort=True,
                err=True,
            )
        print_erased(settings, tenant, user or None)


@contextmanager
def _told() -> Iterator[None]:
    with told_errors():
        try:
            yield
        except AppError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(2) from error


def _settings() -> Settings:
    return load_settings(environment(os.environ, Path.cwd()))
