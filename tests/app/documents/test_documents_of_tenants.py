"""Who may keep which documents: scopes, tenants and labels."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from ingest.logbook import Logbook
from ingest.pace import Progress
from ingest.plan import Job, Report, Trouble
from tests.keyed import Keyed, keyed

READING = (
    "/v1/documents",
    "/v1/documents/api/webhooks.md",
    "/v1/ingests",
    "/v1/editions",
)


@pytest.fixture
async def desk(sample_home: Path, tmp_path: Path) -> AsyncIterator[Keyed]:
    """A service over the sample that looks after an empty folder."""
    async with keyed(
        sample_home, tmp_path, DESK_FOLDER=str(tmp_path / "papers"), DESK_TENANT="acme"
    ) as opened:
        yield opened


async def told(reply: httpx.Response) -> tuple[int, str]:
    error = reply.json().get("error") or {"code": ""}
    return reply.status_code, error["code"]


async def test_reading_and_writing_want_scopes_of_their_own(desk: Keyed) -> None:
    reader = await desk.key("insights")
    nobody = await desk.key("chat", "retrieve", "admin")

    async with desk.caller(reader.text) as http:
        read = [(await http.get(path)).status_code for path in READING]
        listed = (await http.get("/v1/documents")).json()
        refused = [
            await told(await http.put("/v1/documents/x.md", content=b"x")),
            await told(await http.delete("/v1/documents/api/webhooks.md")),
            await told(await http.post("/v1/ingests")),
            await told(await http.post("/v1/editions/000001/restore")),
        ]
    async with desk.caller(nobody.text) as http:
        closed = [await told(await http.get(path)) for path in READING]

    assert read == [200] * 4
    assert listed["folder"]["writable"] is False
    assert refused == [(403, "insufficient_scope")] * 4
    assert closed == [(403, "insufficient_scope")] * 4


async def test_a_tenant_without_a_folder_reads_and_is_told_what_to_do(
    desk: Keyed,
) -> None:
    key = await desk.key("ingest")

    async with desk.caller(key.text) as http:
        listed = (await http.get("/v1/documents?limit=1000")).json()
        editions = (await http.get("/v1/editions")).json()
        put = await http.put("/v1/documents/x.md", content=b"x")
        refused = [
            await told(put),
            await told(await http.delete("/v1/documents/api/webhooks.md")),
            await told(await http.post("/v1/ingests")),
            await told(await http.post("/v1/editions/000001/restore")),
        ]

    assert len(listed["data"]) > 30
    assert {one["state"] for one in listed["data"]} == {"indexed"}
    assert {one["reason"] for one in listed["data"]} == {""}
    assert listed["folder"]["writable"] is False
    assert "frontdesk ingest --tenant" in put.json()["error"]["message"]
    assert "acme" not in put.text
    assert editions["restorable"] is False
    # One document of the sample is for staff.
    assert editions["data"][0]["documents"] == len(listed["data"]) + 1
    assert refused == [(403, "not_kept_here")] * 4


async def test_a_tenant_learns_of_no_other_and_cannot_take_it_back(
    desk: Keyed, tmp_path: Path
) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "own.md").write_text("# Own\n\nOf acme.")
    key = await desk.key("ingest", tenant="acme")

    async with desk.caller(key.text) as http:
        listed = (await http.get("/v1/documents")).json()
        edition = (await http.get("/v1/editions")).json()
        foreign = await told(await http.get("/v1/documents/api/webhooks.md"))
        deleting = await told(await http.delete("/v1/documents/api/webhooks.md"))
        restored = await told(await http.post("/v1/editions/000001/restore"))
        runs = (await http.get("/v1/ingests")).json()["data"]

    assert [one["path"] for one in listed["data"]] == ["own.md"]
    assert listed["data"][0]["state"] == "waiting"
    assert edition["data"][0]["documents"] == edition["data"][0]["chunks"] == 0
    assert edition["restorable"] is False
    assert foreign == deleting == (404, "not_found")
    assert restored == (403, "index_is_shared")
    assert runs == []


async def test_labels_that_a_key_does_not_hold_hide_what_carries_them(
    desk: Keyed, tmp_path: Path
) -> None:
    papers = tmp_path / "papers"
    (papers / "staff").mkdir(parents=True)
    (papers / "staff" / "frontdesk.toml").write_text('labels = ["staff"]')
    (papers / "staff" / "prices.md").write_text("# Prices\n\nSecret.")
    everybody = await desk.key("ingest", tenant="acme")
    staff = await desk.key("ingest", tenant="acme", labels=("staff",))

    async with desk.caller(everybody.text) as http:
        listed = (await http.get("/v1/documents")).json()["data"]
        shown = await told(await http.get("/v1/documents/staff/prices.md"))
        deleted = await told(await http.delete("/v1/documents/staff/prices.md"))
        put = await told(await http.put("/v1/documents/staff/prices.md", content=b"x"))
        fresh = await told(await http.put("/v1/documents/staff/new.md", content=b"x"))
    async with desk.caller(staff.text) as http:
        seen = (await http.get("/v1/documents")).json()["data"]

    assert listed == []
    assert shown == deleted == (404, "not_found")
    assert put == fresh == (403, "label_not_held")
    assert [one["path"] for one in seen] == ["staff/prices.md"]
    assert (papers / "staff" / "prices.md").read_text() == "# Prices\n\nSecret."


async def test_a_run_tells_of_files_to_those_who_may_see_them(
    sample_home: Path, tmp_path: Path
) -> None:
    secret = Trouble(path="staff/prices.md", reason="broken", labels=("staff",))
    known = Trouble(path="page.md", reason="empty file", labels=("public",))
    job = Job(folder=tmp_path, tenant="acme", labels=("public",))
    going = Progress(documents=1, of=2, chunks=1, path=secret.path, labels=("staff",))
    ended, running = (Logbook(tmp_path / "records").begin(job) for _ in "ab")
    assert ended
    assert running
    with ended:
        report = Report(failures=(secret,), skipped=(known,), warnings=(secret,))
        ended.close(report)

    with running:
        running.show(going)
        async with keyed(
            sample_home, tmp_path, INDEX_RECORDS=str(tmp_path / "records")
        ) as desk:
            told = {}
            for labels in (("public",), ("staff", "public")):
                key = await desk.key("insights", tenant="acme", labels=labels)
                async with desk.caller(key.text) as http:
                    runs = (await http.get("/v1/ingests")).json()["data"]
                    told[labels] = [
                        (await http.get(f"/v1/ingests/{run['id']}")).json()
                        for run in runs
                    ]
                assert told[labels] == runs

    (now, before), (now_told, before_told) = told.values()
    assert (now["current"], now_told["current"]) == ("", secret.path)
    assert "prices" not in str(before)
    assert [one["path"] for one in before["report"]["skipped"]] == ["page.md"]
    assert (before["report"]["hidden"], before_told["report"]["hidden"]) == (2, 0)
    assert before_told["report"]["failures"] == before_told["report"]["warnings"]


async def test_a_folder_for_each_tenant_is_that_tenants_alone(
    sample_home: Path, tmp_path: Path
) -> None:
    for tenant in ("one", "two"):
        (tmp_path / tenant).mkdir()
        (tmp_path / tenant / f"of-{tenant}.md").write_text("# Text\n\nA text.")

    async with keyed(
        sample_home, tmp_path, DESK_FOLDER=str(tmp_path / "{tenant}")
    ) as desk:
        listed = {}
        for tenant in ("one", "two", "..", "one/../two"):
            key = await desk.key("ingest", tenant=tenant)
            async with desk.caller(key.text) as http:
                found = (await http.get("/v1/documents")).json()
            listed[tenant] = [
                [one["path"] for one in found["data"]], found["folder"]["writable"]
            ]  # fmt: skip

    assert listed == {
        "one": [["of-one.md"], True],
        "two": [["of-two.md"], True],
        "..": [[], False],
        "one/../two": [[], False],
    }
