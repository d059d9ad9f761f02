"""A damaged edition is not served, and whoever looks is told."""

from pathlib import Path

import httpx

from tests.command import frontdesk
from tests.service import service


def test_the_edition_before_serves_and_health_and_doctor_say_so(
    tmp_path: Path,
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("reset", "billing"):
        (docs / f"{name}.md").write_text(f"# {name}\n\nAbout {name} of the hub.\n")
        assert frontdesk(tmp_path, "ingest", "docs").returncode == 0
    last = tmp_path / "index" / "editions" / "000002" / "shard"
    (last / "edge_config.json").write_bytes(b"{")

    told = frontdesk(tmp_path, "doctor").stdout
    with service(tmp_path) as address:
        ready = httpx.get(f"{address}/health/ready")
        found = httpx.post(f"{address}/v1/search", json={"query": "reset"})

    assert "warning" in told
    assert "damaged" in told
    assert ready.status_code == 200
    assert ready.json()["parts"]["index"]["state"] == "degraded"
    assert "frontdesk editions rollback" in ready.json()["parts"]["index"]["detail"]
    assert found.json()["edition"] == "000001"
