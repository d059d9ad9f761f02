"""Inserts that know what to do where a row is there already."""

from importlib import import_module
from typing import Any

from sqlalchemy import Table


def insert_of(dialect: str, table: Table) -> Any:  # noqa: ANN401 — each has its class
    """Return an insert that has ``on_conflict_do_nothing`` and ``…_do_update``.

    Args:
        dialect: ``sqlite`` or ``postgresql``. Only its own is loaded: the other one
            would be a tenth of what a start takes.
        table: Where the rows go.
    """
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
