"""One service without keys that looks after a folder, for all tests of documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.documents.keeping import Keeper
from tests.service import service


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="session")
def keeper(home: Path) -> Iterator[Keeper]:
    with service(home, DESK_MAX_BYTES="100000") as address:
        keeper = Keeper(address)
        keeper.over(keeper.put("always.md", "# Always\n\nThis one is always there."))
        yield keeper
        keeper.http.close()
