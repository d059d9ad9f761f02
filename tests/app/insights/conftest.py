"""A database of each kind for everything that reads or writes turns."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from app.database.engine import Database, open_database
from app.settings import DatabaseSettings
from tests.databases import KINDS, database_url

Opened = Callable[[], AbstractAsyncContextManager[Database]]


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens an empty database, or the same one again."""
    with database_url(request.param, tmp_path) as url:
        yield lambda: open_database(DatabaseSettings(url=url))
