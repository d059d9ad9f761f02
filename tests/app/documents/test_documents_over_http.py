"""Documents put, deleted and taken into the index by a service without keys."""

from pathlib import Path

from tests.app.documents.keeping import Keeper
from tests.command import frontdesk

VALVE = "# The zeta valve\n\nThe zeta valve opens at 37 degrees and closes at 12.\n"


def test_a_document_that_is_put_is_cited_by_the_chat(keeper: Keeper) -> None:
    put = keeper.put("install/the%20valve.md", VALVE)
    told = put.json()
    run = keeper.over(put)
    answer = keeper.answer("At how many degrees does the zeta valve open?")

    assert (told["path"], told["state"]) == ("install/the valve.md", "waiting")
    assert told["answers"] is False
    assert (run["state"], run["by"], run["report"]["added"]) == ("done", "service", 1)
    assert "37 degrees" in answer["choices"][0]["message"]["content"]
    assert "[1]" in answer["choices"][0]["message"]["content"]
    assert answer["sources"][0]["title"] == "The zeta valve"
    document = keeper.document("install/the%20valve.md")
    assert (document["state"], document["title"]) == ("indexed", "The zeta valve")
    assert document["bytes"] == len(VALVE)
    assert document["changed"] <= document["indexed"] <= run["finished"]
    listed = keeper.http.get("/v1/documents?q=ZETA").json()
    assert [one["path"] for one in listed["data"]] == ["install/the valve.md"]
    assert listed["counts"] == {"indexed": 1, "failed": 0, "waiting": 0, "leaving": 0}
    assert listed["folder"]["writable"] is True


def test_a_document_that_is_put_again_answers_with_what_it_says_now(
    keeper: Keeper,
) -> None:
    keeper.over(keeper.put("pump.md", "# Omega pump\n\nThe omega pump runs at 3 bar."))

    put = keeper.put("pump.md", "# Omega pump\n\nThe omega pump runs at 17 bar.")
    meanwhile = keeper.document("pump.md")
    run = keeper.over(put)

    assert (meanwhile["state"], meanwhile["answers"]) == ("waiting", True)
    assert run["report"]["edited"] == 1
    said = keeper.answer("At how many bar does the omega pump run?")
    assert "17 bar" in said["choices"][0]["message"]["content"]


def test_a_deleted_document_answers_no_more_when_the_call_returns(
    keeper: Keeper, home: Path
) -> None:
    keeper.over(keeper.put("gone/gone.md", "# Sigma rotor\n\nThe sigma rotor is blue."))
    question = "Which colour has the sigma rotor?"
    (hit,) = [h for h in _hits(keeper, question) if h["path"] == "gone/gone.md"]

    deleted = keeper.delete("gone/gone.md")
    at_once = keeper.paths(question)
    source = keeper.http.get(f"/v1/sources/{hit['id']}")
    chat = keeper.answer(question)
    shown = keeper.document("gone/gone.md")
    run = keeper.over(deleted)

    assert deleted.json()["state"] == "leaving"
    assert "gone/gone.md" not in at_once
    assert source.status_code == 404
    assert "blue" not in chat["choices"][0]["message"]["content"]
    assert (shown["state"], shown["answers"]) == ("leaving", False)
    assert run["report"]["removed"] == 1
    assert keeper.http.get("/v1/documents/gone/gone.md").status_code == 404
    kept = [f.read_text() for f in (home / "index" / "trash").rglob("gone.md")]
    assert kept == ["# Sigma rotor\n\nThe sigma rotor is blue."]


def test_a_file_that_cannot_be_read_fails_with_a_reason_and_the_rest_goes_on(
    keeper: Keeper,
) -> None:
    broken = keeper.put("broken.docx", b"this is no document of Word")
    well = keeper.put("well.md", "# Kappa\n\nThe kappa lamp is green.")
    run = keeper.over(well)
    keeper.over(broken)

    failed = keeper.document("broken.docx")
    listed = keeper.http.get("/v1/documents?state=failed").json()
    assert run["state"] == "done"
    assert [one["path"] for one in run["report"]["failures"]] == ["broken.docx"]
    assert (failed["state"], failed["answers"]) == ("failed", False)
    assert failed["reason"] == run["report"]["failures"][0]["reason"] != ""
    assert [one["path"] for one in listed["data"]] == ["broken.docx"]
    assert "well.md" in keeper.paths("Which colour has the kappa lamp?")
    keeper.over(keeper.delete("broken.docx"))
    assert keeper.http.get("/v1/documents/broken.docx").status_code == 404


def test_what_is_put_while_a_run_goes_on_is_taken_in_by_one_more(
    keeper: Keeper,
) -> None:
    asked = [keeper.put(f"many/{n}.md", f"# Page {n}\n\nText {n}.") for n in range(5)]
    runs = {one.json()["ingest"] for one in asked}
    for one in asked:
        keeper.over(one)

    assert len(runs) <= 2
    states = [keeper.document(f"many/{n}.md")["state"] for n in range(5)]
    assert states == ["indexed"] * 5


def test_a_run_by_hand_is_told_as_the_others_are(keeper: Keeper, home: Path) -> None:
    folder = home / "data" / "documents"
    (folder / "by-hand.md").write_text("# By hand\n\nThe tau knob is round.")
    waiting = keeper.document("by-hand.md")

    done = frontdesk(home, "ingest", str(folder))
    listed = keeper.http.get("/v1/ingests").json()["data"]

    assert done.returncode == 0, done.stderr
    assert waiting["state"] == "waiting"
    assert (listed[0]["by"], listed[0]["state"]) == ("command", "done")
    assert listed[0]["report"]["added"] == 1
    # The service looks for a new edition twice a second.
    keeper.until(
        lambda: keeper.document("by-hand.md")["state"], lambda it: it == "indexed"
    )


def test_an_older_edition_answers_again_without_what_was_deleted_since(
    keeper: Keeper,
) -> None:
    keeper.over(keeper.put("stays.md", "# Rho\n\nThe rho cable is 5 metres long."))
    keeper.over(keeper.put("goes.md", "# Phi\n\nThe phi cable is 9 metres long."))
    keeper.over(keeper.delete("goes.md"))
    last = keeper.over(keeper.put("new.md", "# Chi\n\nThe chi cable is 2 metres long."))
    editions = keeper.http.get("/v1/editions").json()
    newest, *_, oldest = editions["data"]

    back = keeper.http.post(f"/v1/editions/{oldest['name']}/restore", json={})
    keeper.until(keeper.serving, lambda name: name == oldest["name"])
    found = keeper.paths("How long is the cable?")
    waiting = keeper.document("new.md")
    forth = keeper.http.post(f"/v1/editions/{newest['name']}/restore")
    keeper.until(keeper.serving, lambda name: name == newest["name"])

    assert editions["restorable"] is True
    assert newest["name"] == last["report"]["edition"]
    assert (back.status_code, back.json()["current"]) == (200, True)
    assert "stays.md" in found
    assert not {"goes.md", "new.md"} & set(found)
    assert (waiting["state"], waiting["answers"]) == ("waiting", False)
    assert forth.status_code == 200
    assert "new.md" in keeper.paths("How long is the chi cable?")
    unknown = keeper.http.post("/v1/editions/999999/restore", json={})
    assert unknown.status_code == 404


def test_figures_tell_of_documents_and_of_the_last_run(keeper: Keeper) -> None:
    listed = keeper.http.get("/v1/documents").json()

    def figures() -> dict[str, float]:
        lines = keeper.http.get("/metrics").text.splitlines()
        pairs = [
            line.rpartition(" ") for line in lines if line.startswith("frontdesk_")
        ]
        return {name: float(value) for name, _, value in pairs}

    found = keeper.until(figures, lambda it: it.get("frontdesk_ingest_ok") == 1)
    assert found['frontdesk_documents{state="indexed"}'] == listed["counts"]["indexed"]
    assert found["frontdesk_ingest_end_seconds"] > 1_700_000_000


def test_a_list_is_read_page_by_page(keeper: Keeper) -> None:
    whole = [one["path"] for one in keeper.http.get("/v1/documents").json()["data"]]
    read: list[str] = []
    more, after = True, ""

    while more:
        page = keeper.http.get(f"/v1/documents?limit=2&after={after}").json()
        read += [one["path"] for one in page["data"]]
        more, after = page["has_more"], page["last_id"]

    assert read == whole == sorted(whole)
    assert len(whole) >= 3


def _hits(keeper: Keeper, question: str) -> list[dict[str, str]]:
    found = keeper.http.post("/v1/search", json={"query": question, "limit": 50})
    return [
        {"id": hit["id"], "path": hit["document"]["path"]}
        for hit in found.json()["data"]
    ]
