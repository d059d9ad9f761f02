"""The documents at the top of the project tell what is."""

import re
from pathlib import Path

import yaml

from app.settings import variables

ROOT = Path(__file__).parent.parent


def test_the_readme_lists_every_setting_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]*)` \|", readme, re.MULTILINE))

    assert rows == {name: _written(value) for name, value in variables().items()}


def _written(value: object) -> str:
    return '""' if value == "" else str(value)


def test_compose_sets_only_variables_that_exist() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    assert compose["services"]["app"]["environment"].keys() <= variables().keys()


def test_the_server_of_the_index_is_pinned_locked_and_silent() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    qdrant = compose["services"]["qdrant"]

    assert re.fullmatch(
        r"qdrant/qdrant:v\d+\.\d+\.\d+(-unprivileged)?", qdrant["image"]
    )
    assert qdrant["environment"]["QDRANT__SERVICE__API_KEY"]
    assert qdrant["environment"]["QDRANT__TELEMETRY_DISABLED"] == "true"
    assert "ports" not in qdrant


def test_both_containers_are_unprivileged_and_checked() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["healthcheck"]["test"]


def test_the_sample_is_as_large_and_as_mixed_as_it_claims() -> None:
    files = [p for p in (ROOT / "data" / "documents").rglob("*") if p.is_file()]
    kinds = {path.suffix for path in files}

    assert len(files) >= 30
    assert kinds >= {
        ".md", ".html", ".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".eml", ".epub",
        ".rst", ".txt",
    }  # fmt: skip
