"""What the running service does not load."""

import subprocess
import sys
from pathlib import Path

from tests.command import environment

PROGRAM = """
import asyncio, sys
from app.main import create_app
from app.messages import Message, Question
from app.resources import open_resources
from app.settings import load_settings
import os

async def main():
    settings = load_settings(os.environ)
    async with open_resources(settings) as resources:
        create_app(resources)
        question = Question(
            model="frontdesk",
            messages=(Message(role="user", content="How do I reset the hub?"),),
        )
        answer = await resources.answerer.answer(resources.principal, question)
        completion = await answer.completion()
        await answer.aclose()
        assert completion.choices[0].content

asyncio.run(main())
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""

HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "unstructured",
    "qdrant_client",
    "openai",
    "docutils",
    "lxml",
    "pypdfium2",
    "pandas",
}


def test_a_service_with_a_ready_index_answers_without_heavy_libraries(
    sample_home: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment(sample_home),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"litestar", "openvino", "qdrant_edge"} <= loaded
    assert loaded & HEAVY == set()
