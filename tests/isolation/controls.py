"""The controls that keep tenants apart, each with the test that misses it.

Where a control is taken away, its text is replaced by what would stand there without.
"""

from msgspec import Struct


class Control(Struct, frozen=True, kw_only=True):
    """One control.

    Attributes:
        name: Its test's name in the threat model, and what it does.
        file: Where it stands.
        text: What makes it; it is there once.
        without: What stands there without it.
        tests: What must fail then, as pytest names it.
    """

    name: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]


CONTROLS: tuple[Control, ...] = (
    Control(
        name="T-tenant: chunks of other tenants are not found",
        file="ingest/index/filters.py",
        text="        Condition(TENANT, (principal.tenant,)),\n",
        without="",
        tests=("tests/isolation/test_tenancy.py",),
    ),
    Control(
        name="T-tenant: chunks with other labels are not found",
        file="ingest/index/filters.py",
        text="        Condition(LABELS, principal.labels),\n",
        without="",
        tests=("tests/isolation/test_tenancy.py",),
    ),
)
