"""An empty database of each kind, for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cuttable import Cuttable
from tests.databases import KINDS, cuttable_url, database_url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def way(tmp_path: Path) -> Iterator[tuple[str, Cuttable]]:
    """An empty PostgreSQL database, and the way to it."""
    with cuttable_url(tmp_path) as found:
        yield found
