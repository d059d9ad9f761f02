import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.retrieval.confidence import confidence
from app.retrieval.signals import Signals

SURE = Signals(
    similarity=0.7,
    absent=0.0,
    lead=0.6,
    unnamed=0.0,
    foreign=0.0,
    unread=0.0,
    unread_coverage=0.0,
)

shares = st.floats(0, 1)
found = st.builds(
    Signals,
    similarity=shares,
    absent=shares,
    lead=shares,
    unnamed=st.sampled_from([0.0, 1.0]),
    foreign=st.sampled_from([0.0, 1.0]),
    unread=st.sampled_from([0.0, 1.0]),
    unread_coverage=shares,
)


@given(found)
def test_confidence_is_a_probability(signals: Signals) -> None:
    assert 0 <= confidence(signals) <= 1


@given(found, shares)
@pytest.mark.parametrize("name", ["similarity", "lead"])
def test_more_of_a_good_sign_is_never_less_sure(
    name: str, signals: Signals, share: float
) -> None:
    low, high = sorted((getattr(signals, name), share))

    assert confidence(replace(signals, **{name: low})) <= confidence(
        replace(signals, **{name: high})
    )


@pytest.mark.parametrize("name", ["absent", "unnamed"])
def test_what_is_missing_makes_less_sure(name: str) -> None:
    assert confidence(replace(SURE, **{name: 1.0})) < confidence(SURE)


def test_at_the_default_threshold_good_signs_answer_and_no_sign_refuses() -> None:
    nothing = Signals(
        similarity=0.1,
        absent=1.0,
        lead=0.0,
        unnamed=0.0,
        foreign=0.0,
        unread=0.0,
        unread_coverage=0.0,
    )

    assert confidence(SURE) > 0.5 > confidence(nothing)
