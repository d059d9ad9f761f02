"""A database of each kind for the tests of keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, database_url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with database_url(request.param, tmp_path) as url:
        yield url
