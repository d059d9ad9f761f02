"""Requests made from the description of the API: fitting ones, and broken ones."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from app.access.scopes import SCOPES
from tests.keys import make_key
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import SEED, size
from tests.service import service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EACH = size(2, 60, 1100)
"""Requests of each kind to each operation."""


class Fuzzed:
    """A running service with a key of every scope, and what came of requests."""

    def __init__(self, address: str, key: str) -> None:
        self.address = address
        self.http = requests.Session()
        self.headers = {"authorization": f"Bearer {key}"}
        described = self.http.get(f"{address}/openapi.json", timeout=60).json()
        self.schema = schemathesis.openapi.from_dict(described)
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []

    def try_(self, case: schemathesis.Case[Any], *, keyed: bool) -> None:
        """Send a request and note what is wrong with its answer."""
        response = case.call(
            self.address, session=self.http, headers=self.headers, timeout=60
        )
        self.statuses[response.status_code] += 1
        checks = [*CHECKS, ignored_auth] if keyed else CHECKS
        try:
            case.validate_response(
                response,
                checks=checks,
                headers=self.headers,
                transport_kwargs={"session": self.http},
            )
        except FailureGroup as group:
            self.failures += [
                f"{case.as_curl_command()}: {e}" for e in group.exceptions
            ]
        if response.status_code >= 400:
            error = response.json()["error"]
            if error.keys() != {"message", "type", "param", "code"}:
                self.failures.append(f"{case.as_curl_command()}: {error}")


@pytest.fixture(scope="module")
def fuzzed(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fuzzed]:
    own = tmp_path_factory.mktemp("fuzzed") / "keys.db"
    quiet = {
        "DATABASE_URL": f"sqlite:///{own}",
        "ACCESS_FAILURES": "0",
        "KEY_LIMIT_STREAMS": "0",
    }
    scopes = [f"--scope={scope}" for scope in SCOPES if scope != "session"]
    key = make_key(sample_home, *scopes, **quiet)
    with service(sample_home, **quiet) as address:
        yield Fuzzed(address, key)


@pytest.mark.row(
    "C5",
    "requests made from the description of the API, fitting and broken",
    "nothing >= 500, every answer as described",
)
def test_no_request_made_from_the_description_is_answered_otherwise(
    fuzzed: Fuzzed, seen: Seen, figure: Figure
) -> None:  # fmt: skip
    found = fuzzed.schema.get_all_operations()
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(operations) >= 23

    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            tried = _tried(fuzzed, operation.as_strategy(generation_mode=mode))
            # Nothing of an operation without parameters can be broken.
            with contextlib.suppress(Unsatisfiable):
                tried()

    total = sum(fuzzed.statuses.values())
    seen(f"{len(fuzzed.failures)} of {total:,} requests")
    figure(
        "answers >= 500 or outside the documented ones",
        f"{len(fuzzed.failures)} of {total:,} requests to {len(operations)} operations",
        "0",
    )
    assert fuzzed.failures == [], "\n".join(fuzzed.failures[:40])
    assert fuzzed.statuses[200] > 0
    assert fuzzed.statuses[400] > 0


def _tried(fuzzed: Fuzzed, cases: SearchStrategy[Any]) -> Callable[[], None]:
    first = True

    @seed(SEED)
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def tried(case: schemathesis.Case[Any]) -> None:
        nonlocal first
        # Whether a key is asked for does not depend on the rest of the request.
        fuzzed.try_(case, keyed=first)
        first = False

    return cast(Callable[[], None], tried)
