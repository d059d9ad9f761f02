"""No tenant is told of another: by thousands of calls at every operation."""

from collections.abc import Iterator

import pytest

from tests.isolation.desk import Desk, open_desk
from tests.isolation.probes import ATTACKS
from tests.isolation.probing import differences, operations, probe

CALLS = 2100
"""More than the 2,000 that are promised."""

_SEED = 20261130


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


def test_every_operation_of_the_api_is_probed(desk: Desk) -> None:
    assert operations(desk.address) == ATTACKS.keys()


def test_nothing_of_a_tenant_is_told_to_another(desk: Desk) -> None:
    tally = probe(desk, calls=CALLS, seed=_SEED)

    assert tally.leaks == []
    assert tally.wrong == []
    assert tally.sent >= 2000
    assert tally.foreign >= 500
    assert tally.covered.keys() == ATTACKS.keys()


def test_what_is_anothers_is_answered_like_what_is_nobodys(desk: Desk) -> None:
    assert list(differences(desk)) == []
