"""The plots: inside their frame, in words too, and honest where there is nothing."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation import plots
from app.evaluation.figures import by_kind, by_stage, figures
from app.evaluation.frames import HEIGHT, WIDTH, Axis, amounts, powers, shares
from app.evaluation.markup import Markup
from app.evaluation.outcomes import Outcome
from tests.app.evaluation.made_outcomes import outcome, unanswerable

confidence = st.floats(min_value=0, max_value=1)
milliseconds = st.floats(min_value=0, max_value=1e7)
count = st.integers(min_value=0, max_value=10**7)
stages = st.dictionaries(st.sampled_from(["embed", "search", "write"]), milliseconds)
answerable = st.builds(
    outcome,
    found=st.sampled_from([("right.md",), ("wrong.md", "right.md"), ()]),
    kind=st.sampled_from(["answerable", "follow_up"]),
    standalone_found=st.sampled_from([None, (), ("right.md",)]),
    confidence=confidence,
    sent=count,
    stuffed=count,
    milliseconds=milliseconds,
    stages=stages,
)
outcomes = st.lists(answerable | st.builds(unanswerable, confidence=confidence))


def drawn(given_: list[Outcome]) -> list[Markup]:
    return [
        plots.recall(by_kind(given_)),
        plots.confidences(given_, 0.5),
        plots.reliability(given_),
        plots.latency(by_stage(given_), figures(given_)),
        plots.tokens(given_),
    ]


def numbers(figure: ET.Element) -> list[tuple[str, float]]:
    """Return every place in the drawing, with the axis it lies along."""
    found: list[tuple[str, float]] = []
    for element in figure.iter():
        found += [
            (axis, float(element.attrib[axis]))
            for axis in ("x", "y")
            if axis in element.attrib
        ]
        for pair in element.attrib.get("points", "").split():
            across, up = pair.split(",")
            found += [("x", float(across)), ("y", float(up))]
        if element.tag == "path":
            start = re.match(r"M(\S+?) (-?[\d.]+|nan|inf)", element.attrib["d"])
            assert start is not None
            found += [("x", float(start[1])), ("y", float(start[2]))]
        if element.tag == "rect":
            assert float(element.attrib["width"]) >= 0
            assert float(element.attrib["height"]) >= 0
            x, width = float(element.attrib["x"]), float(element.attrib["width"])
            found.append(("x", x + width))
    return found


@given(outcomes)
def test_whatever_came_out_every_mark_is_inside_the_frame(
    given_: list[Outcome],
) -> None:
    for figure in drawn(given_):
        for axis, place in numbers(ET.fromstring(figure)):
            assert 0 <= place <= {"x": WIDTH, "y": HEIGHT}[axis]


@given(outcomes)
def test_every_plot_has_a_title_and_says_in_words_what_it_shows(
    given_: list[Outcome],
) -> None:
    for figure in map(ET.fromstring, drawn(given_)):
        svg = figure.find("svg")
        assert figure.find("figcaption/h3") is not None
        if svg is None:
            note = figure.find("p")
            assert note is not None
            assert note.text
            continue
        named = {e.attrib["id"]: e.text for e in svg if "id" in e.attrib}
        assert named[svg.attrib["aria-labelledby"]]
        assert named[svg.attrib["aria-describedby"]]


def test_the_recall_plot_tells_each_depth_of_each_kind() -> None:
    given_ = [outcome("a"), outcome("b", found=("wrong.md", "right.md"))]

    figure = plots.recall(by_kind(given_))

    assert "answerable, first 1: 50.0%" in figure
    assert "answerable, first 10: 100.0%" in figure


def test_the_histogram_shows_where_it_refuses() -> None:
    given_ = [outcome(confidence=0.95), unanswerable(confidence=0.15)]

    assert "refused below 0.5" in plots.confidences(given_, 0.5)
    assert "refused below" not in plots.confidences(given_, None)
    assert "answerable at 0.9 to 1.0: 100%" in plots.confidences(given_, None)


def test_a_stage_that_calls_itself_a_tag_is_text() -> None:
    given_ = [outcome(stages={"<script>": 3.0})]

    assert "<script>" not in plots.latency(by_stage(given_), figures(given_))


def test_an_interval_holds_its_share_and_narrows_with_the_count() -> None:
    few, many = plots.interval(0.8, 10), plots.interval(0.8, 1000)

    assert few[0] < many[0] < 0.8 < many[1] < few[1]
    # Wilson's interval for 8 of 10, as statistics packages give it.
    assert few == pytest.approx((0.490, 0.943), abs=1e-3)
    assert plots.interval(0, 5)[0] == 0
    assert plots.interval(1, 5)[1] == 1


@pytest.mark.parametrize(
    "axis", [amounts("a", 0), amounts("a", 17), powers("a", [3]), shares("a")]
)
def test_an_axis_marks_both_its_ends(axis: Axis) -> None:
    assert axis.ticks[0][0] == axis.low
    assert axis.ticks[-1][0] == pytest.approx(axis.high)
    assert axis.share(axis.low) == 0
    assert axis.share(axis.high) == pytest.approx(1)


@given(st.floats(min_value=0, max_value=1e12))
def test_an_axis_of_amounts_reaches_the_greatest(most: float) -> None:
    axis = amounts("a", most)

    assert axis.high >= most or math.isclose(axis.high, most)
    assert 2 <= len(axis.ticks) <= 6
