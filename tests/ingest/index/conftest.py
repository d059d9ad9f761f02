"""A folder for an index, and the settings that name it."""

from pathlib import Path

import pytest

from ingest.settings import IndexSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def settings(folder: Path) -> IndexSettings:
    return IndexSettings(url=f"file:{folder}", disk_floor=0)
