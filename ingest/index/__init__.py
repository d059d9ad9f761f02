"""The index: where chunks and vectors live. Opened here, and nowhere else.

``file:FOLDER`` is an index in a folder, ``http(s)://…`` one on a Qdrant server.
A server's client takes seconds to import, so it is imported when a server is opened;
a service without one never loads it.
"""

import asyncio
from pathlib import Path

from ingest.index import copies, editions, lists
from ingest.index.base import (
    Edition,
    Extent,
    Fingerprint,
    IndexQuery,
    IndexReader,
    IndexWriter,
    Stored,
    fingerprint_of,
)
from ingest.index.folder_reader import FolderReader
from ingest.index.folder_writer import FolderWriter, listed
from ingest.settings import IndexSettings

__all__ = [
    "Edition",
    "Fingerprint",
    "IndexQuery",
    "IndexReader",
    "IndexWriter",
    "Stored",
    "edit_index",
    "fingerprint_of",
    "folder_of",
    "list_editions",
    "open_index",
    "published",
    "records_of",
    "roll_back",
    "tenants_in",
]


async def open_index(
    settings: IndexSettings, fingerprint: Fingerprint | None
) -> IndexReader:
    """Open the published index; the caller closes it.

    It follows what is published later, and keeps what it has when that was built
    differently.

    Args:
        settings: Where the index lives.
        fingerprint: What it must have been built with; None for anything.

    Raises:
        IndexMissing: Nothing was published yet.
        IndexMismatch: It was built differently; the message names both values.
        IndexDamaged: No edition is what was published.
        IndexUnreachable: The server does not answer.
        IndexForbidden: This user may not use the folder.
        DiskFull: Less space is left than opening needs.
    """
    if folder := folder_of(settings):
        in_folder = FolderReader(folder, settings, fingerprint)
        await in_folder.open()
        return in_folder
    from ingest.index.server_reader import ServerReader  # noqa: PLC0415  # see above

    on_server = ServerReader(settings, fingerprint)
    await on_server.open()
    return on_server


async def edit_index(settings: IndexSettings, fingerprint: Fingerprint) -> IndexWriter:
    """Open the next edition for writing; the caller publishes or closes it.

    Args:
        settings: Where the index lives.
        fingerprint: What it is built with. If the published edition was built
            differently, the next one begins empty.

    Raises:
        IndexBusy: Another process writes this folder; the message names it.
        IndexUnreachable: The server does not answer.
        IndexForbidden: This user may not use the folder.
        DiskFull: Less space is left than writing needs.
    """
    if folder := folder_of(settings):
        in_folder = FolderWriter(folder, settings, fingerprint)
        await in_folder.open()
        return in_folder
    from ingest.index.server_writer import ServerWriter  # noqa: PLC0415  # see above

    on_server = ServerWriter(settings, fingerprint)
    await on_server.open()
    return on_server


async def published(
    settings: IndexSettings, fingerprint: Fingerprint, tenant: str
) -> dict[str, Stored] | None:
    """Return what readers see of `tenant`, by document id, without opening an index.

    Args:
        settings: Where the index lives.
        fingerprint: What the next edition would be built with.
        tenant: Whose documents.

    Returns:
        Nothing if nothing was published; None if only `edit_index` can tell.
    """
    folder = folder_of(settings)
    found = await asyncio.to_thread(listed, folder, fingerprint) if folder else None
    return None if found is None else found.get(tenant, {})


async def list_editions(settings: IndexSettings) -> list[Edition]:
    """Return the editions that can be shown, oldest first; empty if there are none.

    Raises:
        IndexUnreachable: The server does not answer.
    """
    if folder := folder_of(settings):
        with copies.readable(folder):
            return await asyncio.to_thread(editions.listed, folder)
    from ingest.index import server_writer  # noqa: PLC0415  # see above

    return await server_writer.listed(settings)


async def tenants_in(settings: IndexSettings, name: str) -> dict[str, Extent] | None:
    """Return how much an edition holds of each tenant; None if only the index can tell.

    Args:
        settings: Where the index lives.
        name: Name of the edition.
    """
    folder = folder_of(settings)
    if folder is None or name not in await asyncio.to_thread(editions.names, folder):
        return None
    shard = editions.shard_of(folder, name)
    found = await asyncio.to_thread(lists.read, shard)
    if found is None:
        return None
    return {
        tenant: Extent(documents=len(held), chunks=sum(one.chunks for one in held))
        for tenant, held in found.items()
    }


async def roll_back(settings: IndexSettings, name: str | None) -> Edition:
    """Show readers an edition again that they saw before; they follow by themselves.

    Args:
        settings: Where the index lives.
        name: Name of the edition; None for the one before the current one.

    Raises:
        IndexMissing: There is no such edition.
        IndexBusy: Another process writes this folder.
        IndexDamaged: The edition is not what was published.
        IndexUnreachable: The server does not answer.
    """
    if folder := folder_of(settings):
        with copies.readable(folder):
            return await asyncio.to_thread(editions.roll_back, folder, name)
    from ingest.index import server_writer  # noqa: PLC0415  # see above

    return await server_writer.roll_back(settings, name)


def folder_of(settings: IndexSettings) -> Path | None:
    """Return the folder that the address names, None if it names a server."""
    _, is_folder, folder = settings.url.partition("file:")
    return Path(folder) if is_folder else None


def records_of(settings: IndexSettings) -> Path:
    """Return the folder for what is kept beside the index: see `IndexSettings`."""
    if settings.records:
        return Path(settings.records)
    return folder_of(settings) or Path("data/records")
