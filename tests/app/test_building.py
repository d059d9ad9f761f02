"""Who builds an index and who reads it agree on what it is built with."""

from pathlib import Path

from tests.command import frontdesk


def test_an_index_is_found_whose_chunks_could_be_longer_than_the_model_reads(
    tmp_path: Path,
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "reset.md").write_text("# Reset\n\nHold the pin button.\n")
    larger = {"CHUNK_SIZE": "400"}
    done = frontdesk(tmp_path, "ingest", "docs", **larger)
    assert done.returncode == 0, done.stderr

    found = frontdesk(tmp_path, "search", "How do I reset it?", "--json", **larger)

    assert found.returncode == 0, found.stderr
    assert "reset.md" in found.stdout
