"""An empty database of each kind, for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, database_url, faulty_url
from tests.reliability.faultproxy import FaultProxy


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def way(tmp_path: Path) -> Iterator[tuple[str, FaultProxy]]:
    """An empty PostgreSQL database, and the way to it."""
    with faulty_url(tmp_path) as found:
        yield found
