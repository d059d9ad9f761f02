"""What is measured on: the help centre of the labelled sets, else the sample.

SETS names the folder of labelled sets (tests/quality/labelled.py); without it, or
without ``arduino_help`` in it, the sample help centre of data/ stands in, and says so.
"""

import json
import os
from pathlib import Path

from msgspec import Struct

from app.evaluation.golden import read_golden
from tests.benchmarks import afternoon
from tests.command import ROOT, frontdesk


class Corpus(Struct, frozen=True):
    """A folder of documents, and questions about them.

    Attributes:
        name: What people call it.
        folder: The documents.
        questions: Questions, each once.
    """

    name: str
    folder: Path
    questions: tuple[str, ...]


def help_centre() -> Corpus:
    """Return the help centre to measure on."""
    place = Path(os.environ.get("SETS", ROOT.parent / "shared" / "eval"))
    own = place / "arduino_help"
    if (own / "docs").is_dir():
        lines = (own / "queries.jsonl").read_text(encoding="utf-8").splitlines()
        asked = [json.loads(line)["text"] for line in lines]
        return Corpus("arduino_help", own / "docs", tuple(dict.fromkeys(asked)))
    return sample()


def sample() -> Corpus:
    """Return the sample help centre."""
    file = read_golden(ROOT / "data" / "golden.jsonl")
    asked = [n.golden.conversation[-1].text for n in file.questions]
    folder = ROOT / "data" / "documents"
    return Corpus("the sample", folder, tuple(dict.fromkeys(asked)))


def ingested(corpus: Corpus, home: Path) -> Path:
    """Return a folder with the product's index of `corpus`, made if there is none."""
    place = home / f"{corpus.name.replace(' ', '-')}-ours"
    place.mkdir(parents=True, exist_ok=True)
    done = frontdesk(place, "ingest", str(corpus.folder))
    assert done.returncode == 0, done.stderr
    return place


def stored(corpus: Corpus, home: Path) -> Path:
    """Return the afternoon's store of `corpus`, made if there is none."""
    place = home / f"{corpus.name.replace(' ', '-')}-afternoon"
    if not place.exists():
        afternoon.ingest(corpus.folder, place)
    return place
