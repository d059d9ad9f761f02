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


def test_every_container_is_unprivileged_and_checked() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    assert compose["services"].keys() == {"app", "qdrant", "postgres", "redis"}
    for name, service in compose["services"].items():
        unprivileged = service["image"].endswith("-unprivileged")
        assert unprivileged or service["user"].split(":")[0] not in ("0", "root")
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["healthcheck"]["test"]
        # Which release runs is decided here, not on the day of the first start.
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", service["image"]), name


def test_nothing_but_the_service_is_published_and_that_to_this_machine() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]

    published = {name: s["ports"] for name, s in services.items() if "ports" in s}

    assert published.keys() == {"app"}
    assert all(port.startswith("127.0.0.1:") for port in published["app"])
    needed = services["app"]["depends_on"]
    assert needed.keys() == services.keys() - {"app"}
    assert {n["condition"] for n in needed.values()} == {"service_healthy"}


def test_what_the_image_writes_lies_under_its_volume() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    known = variables()

    given = dict(re.findall(r"\b([A-Z]+_[A-Z_]+)=(\S+)", dockerfile))
    ours = {name: value for name, value in given.items() if name in known}

    assert ours["SERVER_HOST"] == "0.0.0.0"
    assert "frontdesk keys create" in dockerfile
    kept = {name: value for name, value in ours.items() if "/" in value}
    assert kept.keys() >= {"DATABASE_URL", "INDEX_URL", "CONVERSATIONS_SPOOL"}
    assert all("/data/" in value for value in kept.values())


def test_the_sample_is_as_large_and_as_mixed_as_it_claims() -> None:
    files = [p for p in (ROOT / "data" / "documents").rglob("*") if p.is_file()]
    kinds = {path.suffix for path in files}

    assert len(files) >= 30
    assert kinds >= {
        ".md", ".html", ".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".eml", ".epub",
        ".rst", ".txt",
    }  # fmt: skip
