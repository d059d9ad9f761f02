"""``make reliability``: tries every fault, and writes what was seen.

    python -m tests.reliability [--short | --long] [-k EXPRESSION]

The table goes into docs/reliability.md below its introduction, and everything into
build/reliability.json. With -k, or if a test could not run, only the JSON is written.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tests.command import ROOT
from tests.reliability.matrix import FAULTS, UNTRIED
from tests.reliability.page import head, page, passed, read_records, write_json
from tests.reliability.sizes import SEED

_BUILD = ROOT / "build"
_PAGE = ROOT / "docs" / "reliability.md"
_MARK = "<!-- Below this line `make reliability` writes. -->\n"


def main() -> int:
    """Try, write, and return 1 if anything was not as expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="as little as make test")
    parser.add_argument("--long", action="store_true", help="also what takes an hour")
    parser.add_argument("-k", default="", help="only tests that pytest finds by this")
    asked = parser.parse_args()
    record = _BUILD / "reliability.jsonl"
    load = os.getloadavg()[1]
    level = "long" if asked.long else "short" if asked.short else "whole"
    code = _tried(record, asked.k, level=level)
    records, above = read_records(record), head(load, level)
    write_json(_BUILD / "reliability.json", above, records)
    good = passed(records)
    print(f"{len(good)} of {len(FAULTS)} faults were answered as they should be")
    for fault in FAULTS.keys() - good - UNTRIED.keys():
        print(f"not: {fault} {' '.join(FAULTS[fault])}")
    if not asked.k and code in (0, 1):
        top = _PAGE.read_text(encoding="utf-8").partition(_MARK)[0]
        _PAGE.write_text(top + _MARK + "\n" + page(above, records), encoding="utf-8")
    return 0 if code == 0 and all(one.passed for one in records) else 1


def _tried(record: Path, chosen: str, *, level: str) -> int:
    """Run the tests of faults; return what pytest said."""
    command = [sys.executable, "-m", "pytest", "tests", "--record", str(record)]
    done = subprocess.run(
        command + (["-k", chosen] if chosen else []),
        cwd=ROOT,
        env=os.environ | {"RELIABILITY": level, "RELIABILITY_SEED": str(SEED)},
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
