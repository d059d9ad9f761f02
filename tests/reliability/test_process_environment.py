"""The process in a bare environment."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.app.api.whole import SURE
from tests.raw import chat
from tests.reliability.recording import Seen
from tests.reliability.writing import JSON
from tests.service import running

CAN_UNSHARE = (
    subprocess.run(
        ["unshare", "--user", "--map-user=12345", "true"], check=False
    ).returncode
    == 0
)


@pytest.mark.parametrize(
    ("variables", "prefix"),
    [
        pytest.param({"LANG": "C", "LC_ALL": "C"}, "", marks=pytest.mark.row("P9", "locale C", "starts and answers")),
        pytest.param({"LC_ALL": "xx_YY.KOI8-R"}, "", marks=pytest.mark.row("P9", "a locale that is not there", "starts and answers")),
        pytest.param({"HOME": ""}, "", marks=pytest.mark.row("P9", "no home", "starts and answers")),
        pytest.param({"HOME": "/nowhere"}, "", marks=pytest.mark.row("P9", "a home that is not there", "starts and answers")),
        pytest.param({"PYTHONHASHSEED": "0"}, "", marks=pytest.mark.row("P9", "a fixed order of hashes", "starts and answers")),
        pytest.param({"TMPDIR": "/nowhere"}, "", marks=pytest.mark.row("P9", "no temporary folder of its own", "starts and answers")),
        pytest.param({"TZ": "Asia/Kathmandu"}, "", marks=pytest.mark.row("P6", "a time zone of 5:45 hours", "starts and answers")),
        pytest.param({}, "unshare --user --map-user=12345 --map-group=12345", marks=[pytest.mark.row("P9", "a user that nobody knows", "starts and answers"), pytest.mark.skipif(not CAN_UNSHARE, reason="no user namespaces here")]),
        pytest.param({}, "sh -c 'exec \"$@\" <&-' sh", marks=pytest.mark.row("P9", "no standard input", "starts and answers")),
    ],
)  # fmt: skip
def test_a_service_starts_in_a_bare_environment(
    variables: dict[str, str],
    prefix: str,
    sample_home: Path,
    tmp_path: Path,
    seen: Seen,
) -> None:
    kept = {"DATABASE_URL": f"sqlite:///{tmp_path}/frontdesk.db", "CONVERSATIONS_SPOOL": str(tmp_path / "spool")}  # fmt: skip
    with running(sample_home, prefix=prefix, **kept, **variables) as service:
        asked = httpx.post(f"{service.address}/v1/chat/completions", content=chat(question=SURE), headers=JSON, timeout=60)  # fmt: skip

    assert asked.status_code == 200
    assert json.loads(asked.text)["choices"][0]["message"]["content"]
    seen("200")
