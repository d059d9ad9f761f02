"""From the start of the process to the first answer, and what the service holds then."""

import statistics
from pathlib import Path

from tests.benchmarks import serving
from tests.benchmarks.corpora import help_centre, ingested, stored
from tests.benchmarks.figures import Figure, Part, in_turn, main, paired
from tests.benchmarks.processes import memory


def measure(home: Path, *, quick: bool) -> Part:
    """Start both services in turn, with an index and a model that are ready."""
    corpus = help_centre()
    place, store = ingested(corpus, home), stored(corpus, home)
    held: dict[str, list[float]] = {"ours": [], "theirs": []}

    with serving.upstream(first_byte=0, gap=0, pieces=1) as upstream:

        def own() -> float:
            with serving.ours(place, upstream) as service:
                held["ours"].append(memory(service.pid))
                return service.seconds

        def other() -> float:
            with serving.afternoon(store, upstream) as service:
                held["theirs"].append(memory(service.pid))
                return service.seconds

        seconds = in_turn((own, other), rounds=1 if quick else 3)
    ours, theirs, low, high = paired(*seconds)
    return Part(
        title="Start",
        figures=(
            Figure(
                what="process start to the first answered question",
                unit="s",
                ours=ours,
                baseline="the afternoon version",
                theirs=theirs,
                asked=1 / 4,
                low=low,
                high=high,
            ),
            Figure(what="the same, by itself", unit="s", ours=ours, asked=2.0),
            Figure(
                what="memory of the idle service, model and index loaded",
                unit="MB",
                ours=statistics.median(held["ours"]) / 1e6,
                baseline="the afternoon version",
                theirs=statistics.median(held["theirs"]) / 1e6,
                asked=1 / 2,
            ),
        ),
        notes=(
            "Memory is the proportional set size of the service and all that it started.",
        ),
    )


if __name__ == "__main__":
    main(measure)
