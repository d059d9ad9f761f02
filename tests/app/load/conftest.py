"""A fake upstream for the tests of ``frontdesk bench``."""

from collections.abc import Iterator

import pytest

from tests.app.load.fakes import fake_upstream


@pytest.fixture(scope="session")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fake_upstream(
        tmp_path_factory.mktemp("fake"), first_byte=20, gap=5, pieces=10
    ) as url:
        yield url
