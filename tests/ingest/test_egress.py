"""Reading documents makes no connection, whatever their format."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import Struct

from ingest.readers.formats import NAMES
from tests.command import ROOT
from tests.ingest.made_files import (
    DOCX,
    EPUB,
    MSG,
    ODT,
    ORG,
    PPTX,
    RTF,
    XLSX,
    docx_file,
    epub_file,
    msg_file,
    odt_file,
    pptx_file,
    xlsx_file,
)
from tests.ingest.made_pdf import pdf, words

READ_ALL = """
import json, sys, threading
from pathlib import Path

attempts, commands = [], []

def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
                 "socket.sendto", "socket.sendmsg", "socket.gethostbyaddr"}:
        attempts.append(f"{event} {arguments[1:]}")
    if event == "subprocess.Popen":
        commands.append(list(map(str, arguments[1])))

sys.addaudithook(watch)
from ingest.readers import read

texts = {
    media_type: read(name, Path(name).read_bytes(), media_type).text
    for media_type, name in json.loads(sys.argv[1]).items()
}
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join(10)
print(json.dumps([attempts, commands, texts]))
"""

FILES = {
    DOCX: docx_file(("Heading 1", "Alarm"), ("Normal", "The door was open.")),
    PPTX: pptx_file(("Alarm", "The door was open.")),
    XLSX: xlsx_file({"Alarm": [["a", "The door was open."]]}),
    ODT: odt_file("<text:p>The door was open.</text:p>"),
    EPUB: epub_file("<h1>Alarm</h1><p>The door was open.</p>"),
    RTF: rb"{\rtf1\ansi The door was open.\par}",
    ORG: b"* Alarm\nThe door was open.\n",
    MSG: msg_file(subject="Alarm", body="The door was open."),
    "application/pdf": pdf([words(72, 700, "The door was open.")]),
    "application/json": b'{"note": "The door was open."}',
    "message/rfc822": b"From: a@b.example\nSubject: Alarm\n\nThe door was open.\n",
    "text/csv": b"when,what\nnight,The door was open.\n",
    "text/html": b"<html><body><p>The door was open.</p></body></html>",
    "text/markdown": b"# Alarm\n\nThe door was open.\n",
    "text/plain": b"The door was open.\n",
    "text/tab-separated-values": b"when\twhat\nnight\tThe door was open.\n",
    "text/x-rst": b"Alarm\n=====\n\nThe door was open.\n",
}


class Run(Struct, frozen=True):
    """What a process that read all files did.

    Attributes:
        attempts: Connections it tried.
        commands: Programs it started, with their arguments.
        texts: What it read, by media type.
    """

    attempts: list[str]
    commands: list[list[str]]
    texts: dict[str, str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Read all files in a process without network, as far as the system allows."""
    folder = tmp_path_factory.mktemp("files")
    names = {media_type: f"file{number}" for number, media_type in enumerate(FILES)}
    for media_type, name in names.items():
        (folder / name).write_bytes(FILES[media_type])
    cut = ["unshare", "--net", "--map-root-user"]
    alone = subprocess.run([*cut, "true"], capture_output=True, check=False)
    done = subprocess.run(
        [
            *(cut if alone.returncode == 0 else []),
            *(sys.executable, "-c", READ_ALL, json.dumps(names)),
        ],
        capture_output=True,
        cwd=folder,
        # Nothing that switches telemetry off comes from here.
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return Run(*json.loads(done.stdout))


def test_every_format_that_is_read_is_tried_here() -> None:
    assert set(FILES) == set(NAMES)


def test_no_connection_is_tried(run: Run) -> None:
    assert run.attempts == []


def test_every_format_is_read_without_network(run: Run) -> None:
    silent = [t for t, text in run.texts.items() if "The door was open." not in text]

    assert silent == []
    assert set(run.texts) == set(FILES)


def test_pandoc_converts_in_its_own_sandbox(run: Run) -> None:
    conversions = [c for c in run.commands if any(a.startswith("--from") for a in c)]

    assert len(conversions) == 4
    assert all("--sandbox" in command for command in conversions)
    assert {Path(command[0]).stem for command in run.commands} == {"pandoc"}
