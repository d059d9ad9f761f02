"""The process that searches an edition for a folder's reader.

The engine holds the interpreter's lock in every call: half a second to open 100,000
chunks, a hundredth to count them. On a full disk it dies of SIGBUS. Here neither is
the service's. `ingest.index.searcher` starts it; stdin is a socket that is spoken on
in both directions (`tasks`), and ends with the service, however that ends.
"""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

from ingest.errors import IndexDamaged, IndexUnusable, IngestError
from ingest.index import copies, editions, holdings, tasks
from ingest.index.edge import Shard


class Searching:
    """An edition in a private copy, once it was opened."""

    def __init__(self) -> None:
        self._shard: Shard | None = None
        self._private: copies.PrivateCopy | None = None
        self._ways: dict[type, Callable[[Any], object]] = {
            tasks.Open: self._open,
            tasks.Search: lambda task: self._opened.search(task.principal, task.query),
            tasks.Chunks: lambda task: self._opened.chunks(task.ids),
            tasks.Matching: lambda task: self._opened.matching(task.conditions),
            tasks.Listing: lambda task: self._opened.listing(task.conditions),
            tasks.Holdings: lambda task: holdings.of(
                self._opened.stored(task.conditions, holdings.FIELDS)
            ),
            tasks.Count: lambda task: self._opened.count(task.conditions),
        }

    def answer(self, task: tasks.Task) -> object:
        """Do what `task` asks.

        Raises:
            DiskFull: Less space is left than a copy needs.
            IndexDamaged: What is stored is not what was published.
            IndexUnusable: This user may not use the folder.
        """
        return self._ways[type(task)](task)

    def close(self) -> None:
        """Remove the private copy."""
        if self._private:
            # Not closed before: that would bring to disk what is removed.
            copies.drop_private(self._private)

    @property
    def _opened(self) -> Shard:
        if self._shard is None:
            raise IndexUnusable("no edition is open")
        return self._shard

    def _open(self, task: tasks.Open) -> None:
        folder, edition = Path(task.folder), task.told.edition
        source = editions.shard_of(folder, edition.name)
        with copies.readable(folder):
            needed = copies.occupied(source)
            copies.require_space(folder, floor=task.floor, needed=needed)
            private = copies.take_private(source, folder / "readers")
        try:
            self._shard = _load(private, task.told)
        except IngestError:
            copies.drop_private(private)
            raise
        self._private = private


def _load(private: copies.PrivateCopy, told: editions.Manifest) -> Shard:
    edition = told.edition
    if private.checksum != told.checksum:
        raise IndexDamaged(f"edition {edition.name} is not what was published")
    shard = Shard.load_to_search(private.folder, edition.fingerprint.dim)
    # Edge opens a damaged log without a word, and with fewer points.
    if (found := shard.count()) != edition.chunks:
        shard.close()
        raise IndexDamaged(
            f"edition {edition.name} has {found} of {edition.chunks} chunks"
        )
    return shard


def serve(line: socket.socket) -> None:
    """Do what is asked on `line` until it ends."""
    searching = Searching()
    try:
        # A socket's file reads what it may and a buffer keeps the rest.
        incoming = cast("BinaryIO", line.makefile("rb"))
        while head := incoming.read(tasks.HEAD.size):
            size, number, _ = tasks.HEAD.unpack(head)
            task = tasks.task_decoder.decode(incoming.read(size))
            failed = False
            try:
                answer = searching.answer(task)
            except IngestError as error:
                answer, failed = tasks.Failure.of(error), True
            message = tasks.encoder.encode(answer)
            line.sendall(tasks.HEAD.pack(len(message), number, failed) + message)
    except ConnectionError:
        pass  # Nobody waits any more.
    finally:
        searching.close()


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
