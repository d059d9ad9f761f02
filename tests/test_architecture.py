"""The house rules that a machine can check: doors, lengths, words, names."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "ingest")

DOORS = {
    "litestar": ("app/main.py", "app/api/"),
    "uvicorn": ("app/serving/",),
    "openai": ("app/upstream/endpoint.py",),
    "aiohttp": ("app/upstream/", "app/evaluation/service.py", "app/load/target.py"),
    "httptools": ("app/load/fake_upstream.py", "app/serving/connections.py"),
    "tiktoken": ("app/tokens.py",),
    "prometheus_client": ("app/metrics.py",),
    "sentence_transformers": (
        "ingest/embedding/sentence.py",
        "app/retrieval/scoring.py",
    ),
    "torch": ("ingest/embedding/sentence.py", "app/retrieval/scoring.py"),
    "openvino": ("ingest/embedding/",),
    "tokenizers": ("ingest/embedding/",),
    "safetensors": ("ingest/embedding/",),
    "unstructured": ("ingest/readers/",),
    "pypdfium2": ("ingest/readers/",),
    "markdown_it": ("ingest/readers/markdown.py",),
    "docutils": ("ingest/readers/rst.py",),
    "pathspec": ("ingest/folder_rules.py",),
    "py3langid": ("ingest/language.py",),
    "Stemmer": ("ingest/keywords/stems.py",),
    "qdrant_client": ("ingest/index/server",),
    "qdrant_edge": ("ingest/index/edge",),
    "watchfiles": ("ingest/watch.py",),
    "sqlalchemy": (
        "app/database/",
        "app/access/",
        "app/conversations/",
        "app/insights/",
        "app/replies.py",
    ),
    "redis": ("app/access/redis_ledger.py",),
    "alembic": ("app/database/",),
    "jwt": ("app/access/sessions.py",),
    "typer": (
        "app/cli.py",
        "app/access/cli.py",
        "app/conversations/cli.py",
        "app/load/cli.py",
        "app/overview/cli.py",
        "ingest/cli.py",
    ),
}
"""Which files may import a library; to replace it, these are what is replaced."""

DRAWERS = {"utils", "util", "helpers", "common", "core", "lib", "types", "services"}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def pages() -> Iterator[Path]:
    for kind in ("*.ts", "*.tsx", "*.css", "*.js"):
        yield from sorted((ROOT / "app/web/src").rglob(kind))
    yield from sorted((ROOT / "app/web/plain").glob("*.js"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("library", DOORS)
def test_each_library_is_imported_by_its_door_alone(library: str) -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if library in set(imports(path))
    }

    assert importers, f"nothing imports {library}: take its row out"
    strangers = [name for name in importers if not name.startswith(DOORS[library])]
    assert strangers == []


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in [*sources(), *pages(), *(ROOT / "tests").rglob("*.py")]
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 300
    }

    assert long == {}


def test_no_file_is_a_drawer() -> None:
    names = {path.stem for path in sources()} | {p.parent.name for p in sources()}

    assert names & DRAWERS == set()


def test_nothing_reads_the_environment_but_settings_and_commands() -> None:
    allowed = {
        "ingest/__init__.py",
        "ingest/cli.py",
        "app/cli.py",
        "app/access/cli.py",
        "app/conversations/cli.py",
        "app/load/cli.py",
        "app/overview/cli.py",
        # What a process of ours may know of it.
        "ingest/processes.py",
    }

    readers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }

    assert readers <= allowed


def test_broad_excepts_stand_only_where_they_are_explained() -> None:
    unexplained = []
    for path in sources():
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if re.search(r"except\s*(\(?\s*(Base)?Exception\b|:)", line):
                around = "\n".join(lines[max(0, number - 3) : number + 4])
                if "#" not in around:
                    unexplained.append(f"{path.name}:{number + 1}")

    assert unexplained == []


def test_dangerous_calls_are_absent() -> None:
    banned = re.compile(
        r"\b(eval|exec)\(|\bpickle\b|yaml\.load\(|shell=True|tempfile\.mktemp"
    )

    found = [line for line in _lines(sources()) if banned.search(line)]

    assert found == []


def test_no_page_makes_html_of_a_string() -> None:
    banned = re.compile(
        r"(inner|outer)HTML|insertAdjacentHTML|document\.write|srcdoc|parseFromString|"
        r"createContextualFragment|setHTMLUnsafe|\beval\(|new Function|"
        r"set(Timeout|Interval)\(\s*[\"'`]|trustedTypes|javascript:"
    )

    found = [line for line in _lines(pages()) if banned.search(line)]

    assert found == []


def _lines(files: Iterable[Path]) -> Iterator[str]:
    """Yield the lines of files that are not remarks, each with its file's name."""
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip().startswith(("#", '"', "//", "*", "/*")):
                yield f"{path.name}: {line.strip()}"
