"""What callers send grows no metrics, forges no line of the log, drives no terminal."""

import itertools
import json
import random
import re
from pathlib import Path

import httpx
import pytest

from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size
from tests.service import running


def test_labels_of_metrics_are_bounded_whatever_is_asked(
    sample_service: str, figure: Figure
) -> None:
    with httpx.Client(base_url=sample_service, timeout=60) as http:

        def labels() -> set[str]:
            text = http.get("/metrics").text
            return {
                line.rpartition(" ")[0] for line in text.splitlines() if line[0] != "#"
            }

        def send(n: int) -> None:
            method = chance.choice(["GET", "POST", "PUT", "DELETE", "OPTIONS"])
            path = chance.choice(
                ["/", "/v1/", "/v1/conversations/", "/v1/models/", "/assets/"]
            )
            body = {
                chance.choice(["model", "user", f"field{n}"]): f"value{n}",
                "messages": [],
            }
            http.request(
                method, f"{path}{chance.randbytes(8).hex()}",
                json=body, headers={"user-agent": f"agent{n}", "origin": f"http://o{n}"},
            )  # fmt: skip
            http.post(
                "/v1/chat/completions", json={"model": f"m{n}", f"f{n}": n, **body}
            )

        labels()
        chance = random.Random(SEED)
        rounds = size(100, 500)
        for n in range(rounds):
            send(n)
        before = labels()
        for n in itertools.islice(itertools.count(rounds), rounds):
            send(n)
        grown = labels() - before
    figure("series that random requests add to the metrics", f"{len(grown)} after {2 * rounds}", f"0 after {2 * rounds}")  # fmt: skip
    assert not [
        line for line in grown if re.search(r"(value|field|agent|m)\d{3}", line)
    ]
    assert len(grown) <= 5


@pytest.mark.parametrize(
    "text", ["a\r\nFORGED", "\x1b[2J\x1b]0;x\x07", "\u202e\u2028x"]
)
def test_what_a_caller_sends_forges_no_line_and_drives_no_terminal(
    sample_home: Path, tmp_path: Path, text: str
) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with running(sample_home, DATABASE_URL=url, LOG_LEVEL="debug") as service:
        httpx.post(
            f"{service.address}/v1/chat/completions",
            content=json.dumps({"model": text, "messages": text, "user": text}),
            headers={"content-type": "application/json"},
        )
        httpx.get(
            f"{service.address}/v1/sources/{text.encode().hex()}", params={"a": text}
        )
    for line in service.log.splitlines():
        json.loads(line)
        assert not any(ord(character) < 32 for character in line)
