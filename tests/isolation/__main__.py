"""``make isolation``: the figures of isolation, as a table for docs/security.md.

python -m tests.isolation [--without-mutations]
"""

import sys
import tempfile
from pathlib import Path

from tests.isolation.controls import CONTROLS
from tests.isolation.desk import TENANTS, open_desk
from tests.isolation.probes import ATTACKS
from tests.isolation.probing import differences, operations, probe
from tests.isolation.test_state_machine import STEPS, use_at_random
from tests.mutations import without_each

_CALLS = 4000
_STEPS = 2000
_SEED = 1


def main(arguments: list[str]) -> int:
    """Measure, print the table, and return 1 if anything is not as promised."""
    with tempfile.TemporaryDirectory() as name, open_desk(Path(name)) as desk:
        served = operations(desk.address)
        tally = probe(desk, calls=_CALLS, seed=_SEED)
        telling = list(differences(desk))
    steps = use_at_random(max(STEPS, _STEPS))
    failed = 0 if "--without-mutations" in arguments else without_each(CONTROLS)
    rows = [
        ("tenants with the same texts", len(TENANTS), ""),
        ("calls of one at what another has", tally.sent, "2,000 or more"),
        ("... that named something of another", tally.foreign, ""),
        ("words of another that were told", len(tally.leaks), "0"),
        ("statuses other than 404 for these, and 5xx", len(tally.wrong), "0"),
        (
            "operations of the API that were probed",
            len(tally.covered),
            f"{len(served)}",
        ),
        ("answers that tell another's from nobody's", len(telling), "0"),
        ("steps of random use, each as a plain model says", steps, "2,000"),
    ]
    print("| | found | asked |\n|---|---|---|")
    for what, found, asked in rows:
        print(f"| {what} | {found:,} | {asked} |")
    whole = served == ATTACKS.keys() and tally.covered.keys() == served
    bad = tally.leaks or tally.wrong or telling or not whole
    return 1 if bad or failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
