"""The command that puts load on a service: ``bench``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli import told_errors
from ingest.settings import environment


def bench(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="Base address, as OpenAI's client takes it."
        ),
    ] = "",
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1, max=20_000, help="Callers, 8 by default; with --rate, most live."
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0.001, max=100_000, help="Requests a second, come what may."),
    ] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="Most requests.")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="Begin no request after these.")
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream/--no-stream", help="Stream the answers or not.")
    ] = True,
    questions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="One a line, or a golden .jsonl as of eval."),
    ] = None,
    distinct: Annotated[
        bool,
        typer.Option(help="Add a running number to each question: no cache helps."),
    ] = False,
    model: Annotated[
        str, typer.Option(help="The model to ask; else the first that is listed.")
    ] = "",
    key: Annotated[
        str, typer.Option(help="Key for the service; else FRONTDESK_API_KEY.")
    ] = "",
    timeout: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds a request may take.")
    ] = 120.0,
    to_json: Annotated[
        str, typer.Option("--json", metavar="FILE", help="Write all of it; - prints.")
    ] = "",
    to_html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Write a page with plots.")
    ] = "",
    compare: Annotated[
        str, typer.Option(metavar="OLD.json", help="Show what changed since then.")
    ] = "",
    fake_upstream: Annotated[
        bool, typer.Option(help="Serve an upstream that answers by the clock instead.")
    ] = False,
    first_byte: Annotated[
        float, typer.Option(min=0, help="Its milliseconds to the first piece.")
    ] = 50.0,
    gap: Annotated[
        float, typer.Option(min=0, help="Its milliseconds between two pieces.")
    ] = 5.0,
    pieces: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Its pieces of an answer.")
    ] = 100,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Its port; 0 takes a free one.")
    ] = 0,
) -> None:
    """Put load on any service that speaks the OpenAI chat API.

    Without --requests and --seconds it ends after 100 requests or 60 seconds.

    Exits with 1 if a request got no complete answer, with 2 if nothing could
    run, with 130 if interrupted; what was measured until then is kept.
    """
    from app.load.command import Wishes, fake, plan_of, run
    from app.load.fake_answers import Script

    if fake_upstream:
        script = Script(first_byte=first_byte, gap=gap, pieces=pieces)
        sys.exit(fake(script, port))
    if not url:
        raise typer.BadParameter("name a URL, or --fake-upstream")
    with told_errors():
        environ = environment(os.environ, Path.cwd())
        wishes = Wishes(
            url=url,
            key=key or environ.get("FRONTDESK_API_KEY", ""),
            model=model,
            questions=questions,
            plan=plan_of(
                concurrency, rate, requests, seconds, stream=stream, distinct=distinct
            ),
            timeout=timeout,
            json=to_json,
            html=to_html,
            compare=compare,
        )
        sys.exit(run(wishes))
