"""The frontdesk command: documents, service, questions, keys and data, in one."""

import asyncio
import datetime as dt
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from app.access import cli as access_cli
from app.conversations.cli import data
from app.errors import DatabaseUnusable, InvalidRequest
from app.load import cli as load_cli
from app.overview import cli as overview_cli
from app.settings import Settings, load_settings
from ingest import cli as ingest_cli
from ingest.cli import told_errors
from ingest.processes import fill_standard_streams
from ingest.settings import environment

if TYPE_CHECKING:
    from app.messages import Filter

main = typer.Typer(
    help="Help-desk answers from your own documents, with citations.",
    epilog="Settings come from the environment and a file .env; `frontdesk doctor` "
    "checks them. Start with: frontdesk ingest FOLDER, then frontdesk serve.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
main.command("ingest")(ingest_cli.ingest)
main.add_typer(ingest_cli.editions, name="editions")
main.command("bench")(load_cli.bench)
main.add_typer(access_cli.keys, name="keys")
main.add_typer(data, name="data")
main.command("insights")(overview_cli.insights)

Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]

Paths = Annotated[
    list[str] | None,
    typer.Option("--path", help="Only documents whose path starts so. Repeatable."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", help="Only what carries this access label. Repeatable."),
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", help="Only this language, such as en. Repeatable."),
]
Versions = Annotated[
    list[str] | None,
    typer.Option(
        "--version",
        help="Only documents that declare this product version, or a narrower one: "
        "4 finds 4.2. Repeatable.",
    ),
]
Since = Annotated[
    dt.datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="Only of this day or later."),
]
Until = Annotated[
    dt.datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Only of this day or earlier."),
]


@main.callback()
def begin() -> None:
    """Make sure of what every command stands on."""
    fill_standard_streams()


@main.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to bind to; else SERVER_HOST.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port to bind to; else SERVER_PORT."),
    ] = None,
) -> None:
    """Serve the chat API, the search API and the chat page."""
    from app.serving.server import serve as run

    with told_errors():
        settings = _settings()
        given = {"host": host, "port": port}
        server = msgspec.structs.replace(
            settings.server, **{k: v for k, v in given.items() if v is not None}
        )
        try:
            run(msgspec.structs.replace(settings, server=server))
        except DatabaseUnusable as error:
            print(f"error: {error}", file=sys.stderr)
            sys.exit(2)


@main.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you would like to know.")],
    path: Paths = None,
    label: Labels = None,
    language: Languages = None,
    version: Versions = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Stream an answer with numbered citations to the terminal."""
    from app.terminal import print_answer

    within = _filter(path, label, language, version, since, until)
    _keep_log_quiet()
    with told_errors():
        sys.exit(asyncio.run(print_answer(_settings(), question, within)))


@main.command()
def search(
    query: Annotated[str, typer.Argument(help="What to search for.")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="Most hits.")] = 5,
    path: Paths = None,
    label: Labels = None,
    language: Languages = None,
    version: Versions = None,
    since: Since = None,
    until: Until = None,
    as_json: Json = False,
) -> None:
    """Show the chunks that answer best, with their scores, without an answer."""
    from app.terminal import print_hits

    within = _filter(path, label, language, version, since, until)
    _keep_log_quiet()
    with told_errors():
        work = print_hits(
            _settings(), query, limit=limit, filter=within, as_json=as_json
        )
        sys.exit(asyncio.run(work))


@main.command("eval")
def evaluate(
    golden: Annotated[
        Path | None,
        typer.Argument(metavar="GOLDEN.jsonl", help="Questions, one a line."),
    ] = None,
    make_golden: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Draft N questions from the index instead."
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Ask the service that runs at this address.")
    ] = None,
    key: Annotated[
        str, typer.Option(help="Key for the service; else FRONTDESK_API_KEY.")
    ] = "",
    model: Annotated[str, typer.Option(help="The model to ask.")] = "frontdesk",
    to_json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write all of it; - prints."),
    ] = None,
    html: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write a page with plots.")
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(metavar="OLD.json", help="Show what changed since then."),
    ] = None,
    fail_under: Annotated[
        str | None,
        typer.Option(
            metavar="BOUNDS",
            help="Such as recall@5=0.9,follow_up.mrr=0.7,false_refusals<=0.05.",
        ),
    ] = None,
) -> None:
    """Ask golden questions, and tell how good search, refusals and answers are.

    Exits with 1 if lines of the file need mending or a question got an error, with
    2 if nothing could run, with 3 if a bound is not kept, with 130 if interrupted;
    what was asked until then is kept. --make-golden drafts questions for you to edit
    into GOLDEN.jsonl, or prints them where none is named.
    """
    from app.evaluation.command import Wishes, make_drafts, run

    _keep_log_quiet()
    with told_errors():
        environ = environment(os.environ, Path.cwd())
        settings = load_settings(environ)
        texts = {
            "--url": url,
            "--json": to_json,
            "--html": html,
            "--compare": compare,
            "--fail-under": fail_under,
        }
        given = {name: text for name, text in texts.items() if text is not None}
        if empty := [name for name, text in given.items() if not text]:
            raise typer.BadParameter(f"{', '.join(empty)}: the value is empty")
        if make_golden is not None:
            if given:
                raise typer.BadParameter(
                    f"--make-golden asks nothing: leave out {', '.join(given)}"
                )
            sys.exit(make_drafts(settings, golden, make_golden))
        if golden is None:
            raise typer.BadParameter("name a golden file, or --make-golden N")
        wishes = Wishes(
            golden=golden,
            url=url or "",
            key=key or environ.get("FRONTDESK_API_KEY", ""),
            model=model,
            json=to_json or "",
            html=html or "",
            compare=compare or "",
            fail_under=fail_under or "",
        )
        sys.exit(run(settings, wishes))


@main.command()
def doctor(as_json: Json = False) -> None:
    """Check settings, model, index, upstream and disk; say what to do."""
    from app.doctor import examine
    from app.terminal import print_findings

    _keep_log_quiet()
    findings = asyncio.run(examine(os.environ, Path.cwd()))
    print_findings(findings, as_json=as_json)
    sys.exit(2 if any(finding.state == "error" for finding in findings) else 0)


def _filter(
    path: list[str] | None,
    label: list[str] | None,
    language: list[str] | None,
    version: list[str] | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> "Filter":
    """Return what the options of ``ask`` and ``search`` narrow down to."""
    from app.api.filtering import Days, RequestFilter, filter_of

    days = Days(since and since.date(), until and until.date())
    given = RequestFilter(
        path=tuple(path or ()),
        label=tuple(label or ()),
        language=tuple(language or ()),
        version=tuple(version or ()),
        date=days,
    )
    try:
        return filter_of(given, "filter")
    except InvalidRequest as error:
        option = "--from" if error.param == "filter.date" else "--language"
        raise typer.BadParameter(str(error), param_hint=option) from error


def _keep_log_quiet() -> None:
    """Print what goes wrong once: as the error, not as a line of the log as well."""
    logging.getLogger().addHandler(logging.NullHandler())


def _settings() -> Settings:
    return load_settings(environment(os.environ, Path.cwd()))


if __name__ == "__main__":
    main(prog_name="frontdesk")
