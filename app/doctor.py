"""Checks everything the service stands on, and says what to do about it."""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from msgspec import Struct

from app.access.shared_ledger import open_ledger
from app.documents.folder import trouble as folder_trouble
from app.errors import AppError
from app.retrieval.late_index import OLDER_EDITION
from app.retrieval.rerank import check_reranker
from app.settings import Settings, load_settings
from ingest.building import built_with
from ingest.embedding import Embedder, open_embedder
from ingest.embedding.languages import spelled
from ingest.errors import IngestError, SettingsError
from ingest.index import open_index
from ingest.sandbox import open_sandbox
from ingest.settings import environment
from ingest.terminal import counted

_LOW = 5.0
"""Percent of a disk below which a warning is due."""


class Finding(Struct, frozen=True, kw_only=True):
    """What the doctor says about one part.

    Attributes:
        part: What was looked at.
        state: "ok", "warning" or "error".
        detail: What was found, and what to do.
    """

    part: str
    state: str
    detail: str


Check = Callable[[], Awaitable[Finding]]


async def examine(environ: Mapping[str, str], folder: Path) -> list[Finding]:
    """Look at settings, model, index, reranker, upstream, stores and disk, in turn.

    Args:
        environ: Variables of the process.
        folder: Where ``.env`` would lie.

    Returns:
        One finding a part; when the settings are wrong, only that.
    """
    try:
        settings = load_settings(environment(environ, folder))
    except IngestError as error:
        return [Finding(part="settings", state="error", detail=str(error))]
    findings = [Finding(part="settings", state="ok", detail=_origin(folder))]
    embedder, finding = await _model(settings)
    findings.append(finding)
    if embedder is not None:
        findings.append(await _index(settings, embedder))
    if settings.rerank.model:
        findings.append(await _rerank(settings))
    findings.append(await _upstream(settings))
    findings.append(await _database(settings))
    if settings.redis.url:
        findings.append(await _limits(settings))
    findings.append(await _readers(settings))
    findings.append(_documents(settings))
    findings.append(_disk(settings))
    return findings


def _origin(folder: Path) -> str:
    file = folder / ".env"
    return f"read from the environment and {file}" if file.exists() else "no .env file"


async def _model(settings: Settings) -> tuple[Embedder | None, Finding]:
    try:
        embedder = await asyncio.to_thread(open_embedder, settings.embedding)
    except IngestError as error:
        return None, Finding(part="model", state="error", detail=str(error))
    detail = (
        f"{embedder.name}, {embedder.dim} dimensions, {embedder.max_tokens} tokens,"
        f" knows {spelled(embedder.languages)}"
    )
    return embedder, Finding(part="model", state="ok", detail=detail)


async def _index(settings: Settings, embedder: Embedder) -> Finding:
    fingerprint = built_with(embedder, settings.chunk)
    try:
        reader = await open_index(settings.index, fingerprint)
    except IngestError as error:
        return Finding(part="index", state="error", detail=str(error))
    edition = reader.edition
    await reader.close()
    detail = (
        f"{settings.index.url}: edition {edition.name}, "
        f"{counted(edition.documents)}, {edition.chunks:,} chunks"
    )
    if not edition.current:
        detail = f"{detail}; {OLDER_EDITION}"
        return Finding(part="index", state="warning", detail=detail)
    return Finding(part="index", state="ok", detail=detail)


async def _rerank(settings: Settings) -> Finding:
    cache = Path(settings.embedding.cache)
    try:
        name, seconds = await check_reranker(settings.rerank, cache=cache)
    except IngestError as error:
        return Finding(part="rerank", state="error", detail=str(error))
    depth, most = settings.rerank.depth, settings.rerank.timeout
    detail = f"{name}: {depth} chunks in {seconds:.2f} s of {most:g} s"
    if seconds > most:
        detail += ", so the fused order would stand: raise RERANK_TIMEOUT or lower RERANK_DEPTH"
        return Finding(part="rerank", state="warning", detail=detail)
    return Finding(part="rerank", state="ok", detail=detail)


async def _upstream(settings: Settings) -> Finding:
    if not settings.upstream.base_url:
        detail = "none set: answers are extracts; set OPENAI_BASE_URL for a model"
        return Finding(part="upstream", state="ok", detail=detail)
    # The openai client takes most of a second to import: only where it is used.
    from app.upstream.client import open_upstream  # noqa: PLC0415

    try:
        upstream = open_upstream(settings.upstream, settings.chat)
    except SettingsError as error:
        return Finding(part="upstream", state="error", detail=str(error))
    try:
        detail = await upstream.check()
    except AppError as error:
        return Finding(part="upstream", state="error", detail=str(error))
    finally:
        await upstream.aclose()
    if not settings.chat.model:
        detail += "; set CHAT_MODEL to one of its models: not every caller names one"
        return Finding(part="upstream", state="warning", detail=detail)
    return Finding(part="upstream", state="ok", detail=detail)


async def _limits(settings: Settings) -> Finding:
    try:
        async with open_ledger(settings.redis, settings.limits) as ledger:
            state, told = ledger.state() or ("up", "limits are counted in the process")
    except IngestError as error:
        return Finding(part="limits", state="error", detail=str(error))
    if state == "up":
        return Finding(part="limits", state="ok", detail=told)
    advice = "start the Redis that REDIS_URL names, or take REDIS_URL away"
    return Finding(part="limits", state="warning", detail=f"{told}; {advice}")


async def _database(settings: Settings) -> Finding:
    # Only a service and the doctor need it, and it takes a quarter of a second.
    from app.access.keyring import Keyring  # noqa: PLC0415
    from app.database.engine import Database  # noqa: PLC0415

    try:
        database = Database(settings.database)
        try:
            revision = await database.look()
            valid = await Keyring(database).list(None) if revision else []
        finally:
            await database.close()
    except (AppError, IngestError) as error:
        return Finding(part="database", state="error", detail=str(error))
    address = database.url.render_as_string(hide_password=True)
    if revision is None:
        detail = f"{address}: empty; the service makes its tables"
        return Finding(part="database", state="ok", detail=detail)
    now = time.time()
    count = sum(key.revoked is None and not key.expired(now) for key in valid)
    detail = f"{address}: revision {revision}, {count} valid keys"
    return Finding(part="database", state="ok", detail=detail)


async def _readers(settings: Settings) -> Finding:
    """Say what the kernel keeps off the processes that read documents."""
    try:
        async with open_sandbox(settings.read) as sandbox:
            await sandbox.read("doctor.txt", b"doctor", "text/plain")
            held = sandbox.confinement
    except IngestError as error:
        return Finding(part="readers", state="error", detail=str(error))
    kept = [
        (
            bool(held and held.network),
            "network: none",
            "a network namespace or seccomp",
        ),
        (bool(held and held.files), "files: their own only", "Landlock"),
        (bool(held and held.calls), "calls: those of reading", "seccomp"),
    ]
    detail = ", ".join(
        told if holds else f"{told.partition(':')[0]}: held by Python only"
        for holds, told, _ in kept
    )
    missing = [by for holds, _, by in kept if not holds]
    if missing:
        detail += f"; the kernel offers no {', no '.join(missing)} here"
    return Finding(part="readers", state="warning" if missing else "ok", detail=detail)


def _documents(settings: Settings) -> Finding:
    """Say whether the folder of documents can be written to."""
    desk = settings.desk
    if not desk.folder:
        detail = "none is kept over HTTP: DESK_FOLDER is empty"
        return Finding(part="documents", state="ok", detail=detail)
    # Folders of tenants come with their first document.
    folder = Path(desk.folder.partition("{tenant}")[0] or ".")
    trouble = folder_trouble(folder)
    detail = f"{desk.folder}: {trouble or 'can be written to'}"
    state = "warning" if trouble else "ok"
    return Finding(part="documents", state=state, detail=detail)


def _disk(settings: Settings) -> Finding:
    url = settings.index.url
    path = Path(url.removeprefix("file:")) if url.startswith("file:") else Path.cwd()
    while not path.exists():
        path = path.parent
    usage = shutil.disk_usage(path)
    percent = 100 * usage.free / usage.total
    detail = f"{usage.free / 1e9:.1f} GB free at {path} ({percent:.0f} %)"
    if usage.free < settings.index.disk_floor:
        floor = f"below INDEX_DISK_FLOOR of {settings.index.disk_floor / 1e9:.1f} GB"
        return Finding(part="disk", state="error", detail=f"{detail}: {floor}")
    if not os.access(path, os.W_OK):
        detail = f"{detail}: not writable for this user; chown it or move INDEX_URL"
        return Finding(part="disk", state="warning", detail=detail)
    state = "warning" if percent < _LOW else "ok"
    return Finding(part="disk", state=state, detail=detail)
