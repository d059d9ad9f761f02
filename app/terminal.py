"""What the commands show in a terminal: an answer, hits, what the doctor found."""

import sys
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.chat.asking import DEFAULT_MODEL
from app.chat.question import queries
from app.doctor import Finding
from app.errors import AppError, UpstreamFailed
from app.messages import Filter, Findings, Message, Question, RagOptions
from app.resources import Resources, open_resources
from app.retrieval.results import search_results
from app.settings import Settings
from ingest.documents import Hit
from ingest.printing import print_json

_MARKS = {
    "ok": "[green]ok[/]",
    "warning": "[yellow]warning[/]",
    "error": "[red]error[/]",
}


async def print_answer(settings: Settings, question: str, within: Filter) -> int:
    """Stream the answer to `question`, then its sources; return the exit code."""
    try:
        async with open_resources(settings) as resources:
            await _print_answer(resources, question, within)
    except AppError as error:
        _print_error(error)
        return 2
    return 0


async def print_hits(
    settings: Settings,
    query: str,
    *,
    limit: int,
    filter: Filter,  # noqa: A002 - the API's own word
    as_json: bool,
) -> int:
    """Print the hits for `query` as a table or as JSON; return the exit code."""
    try:
        async with open_resources(settings) as resources:
            found = await resources.retriever.retrieve(
                resources.principal,
                queries([Message(role="user", content=query)]),
                limit=limit,
                filter=filter,
            )
    except AppError as error:
        _print_error(error)
        return 2
    if as_json:
        print_json(msgspec.json.encode(search_results(found)))
    else:
        _print_table(found)
    return 0


def print_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print what the doctor found, a line a part."""
    if as_json:
        print_json(msgspec.json.encode(findings))
        return
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        table.add_row(finding.part, _MARKS[finding.state], escape(finding.detail))
    Console().print(table)


def _print_error(error: AppError) -> None:
    advice = (
        "; frontdesk doctor looks closer" if isinstance(error, UpstreamFailed) else ""
    )
    print(f"error: {error}{advice}", file=sys.stderr)


async def _print_answer(resources: Resources, text: str, within: Filter) -> None:
    question = Question(
        model=DEFAULT_MODEL,
        messages=(Message(role="user", content=text),),
        stream=True,
        rag=RagOptions(filter=within),
    )
    answer = await resources.answerer.answer(resources.principal, question)
    try:
        async for burst in answer.bursts():
            print("".join(piece.content for piece in burst), end="", flush=True)
        print()
        cited = {c.number: c.hit for c in answer.citations(0)}
    finally:
        await answer.aclose()
    if cited:
        print()
    for number, hit in sorted(cited.items()):
        print(f"  [{number}] {_place(hit)}")


def _place(hit: Hit) -> str:
    chunk = hit.chunk
    path = [p for p in chunk.heading_path if p != chunk.title]
    page = f"page {chunk.page}" if chunk.page else ""
    parts = [chunk.title, *path, page, chunk.url or chunk.path]
    return " › ".join(part for part in parts if part)


def _print_table(found: Findings) -> None:
    table = Table("score", "document", "place", "text", show_lines=True)
    for hit in found.hits:
        chunk = hit.chunk
        place = " › ".join(chunk.heading_path)
        page = f" (page {chunk.page})" if chunk.page else ""
        text = " ".join(chunk.text.split())
        table.add_row(
            f"{hit.score:.3f}",
            escape(chunk.path),
            escape(place + page),
            escape(text[:160] + ("…" if len(text) > 160 else "")),
        )
    console = Console()
    console.print(table)
    if found.degraded:
        console.print(f"not reranked ({found.degraded}): this is the fused order")
    console.print(f"confidence that these hold an answer: {found.confidence:.2f}")
