"""What is timed reaches the request and the figures."""

import pytest
from prometheus_client import REGISTRY

from app import metrics


def test_stages_are_gathered_for_the_request_they_ran_in() -> None:
    with metrics.collect() as stages:
        with metrics.stage("embed"):
            pass
        with metrics.stage("search"):
            pass
    with metrics.stage("embed"):
        pass

    assert [stage.name for stage in stages] == ["embed", "search"]
    assert all(stage.seconds >= 0 for stage in stages)


def test_a_stage_that_fails_is_timed_as_well() -> None:
    name = "frontdesk_stage_seconds_count"
    before = REGISTRY.get_sample_value(name, {"stage": "failing"}) or 0

    with pytest.raises(ValueError, match="invalid literal"), metrics.stage("failing"):
        int("x")

    assert REGISTRY.get_sample_value(name, {"stage": "failing"}) == before + 1


def test_the_exposition_names_the_figures() -> None:
    body, media_type = metrics.exposition()

    assert b"frontdesk_requests_total" in body
    assert media_type.startswith("text/plain")
