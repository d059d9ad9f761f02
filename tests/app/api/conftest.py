"""One whole service for all tests of the API that need no settings of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.api.whole import Whole, whole_service


@pytest.fixture(scope="session")
def started(sample_home: Path) -> Iterator[Whole]:
    with whole_service(sample_home) as whole:
        yield whole


@pytest.fixture
def whole(started: Whole) -> Whole:
    """The service, whose upstream gives its usual answer and was asked nothing."""
    started.says()
    return started
