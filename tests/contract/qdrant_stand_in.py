"""A stand-in for a Qdrant server: real HTTP, without a server to install.

Bodies are read with the client's own models, so what a server would refuse to read
is refused here, and carried out by the client's local mode.
"""

import json
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from qdrant_client import QdrantClient
from qdrant_client.http.models import models as http

Body = dict[str, Any]
T = TypeVar("T")

_PATH = re.compile(r"/collections/(?P<name>[^/]+)(?P<rest>/.*)?")


class StandIn:
    """The state of a stand-in, and what it was asked.

    Attributes:
        url: Where it listens.
        api_key: The key it wants, "" for none.
        asked: Method and path of every request, in order.
        failures: Status codes with which the next requests are refused.
        refuse: Returns with what status and reason a method and path are refused.
    """

    def __init__(self) -> None:
        self.url = ""
        self.api_key = ""
        self.asked: list[tuple[str, str]] = []
        self.failures: list[tuple[int, str]] = []
        self.refuse: Callable[[str, str], tuple[int, str] | None] = lambda *_: None
        self._engine = QdrantClient(":memory:")
        self._schemas: dict[str, dict[str, Any]] = {}
        self._one_at_a_time = threading.Lock()

    def answer(self, method: str, path: str, key: str, body: bytes) -> tuple[int, Body]:
        """Carry out a request; returns status and body."""
        with self._one_at_a_time:
            self.asked.append((method, path))
            if self.failures:
                status, reason = self.failures.pop(0)
                return status, _error(reason)
            if refused := self.refuse(method, path):
                return refused[0], _error(refused[1])
            if self.api_key and key != self.api_key:
                return 401, _error("Must provide an API key")
            try:
                result = self._route(method, path, json.loads(body) if body else {})
            except ValidationError as error:
                return 422, _error(str(error))
            except (ValueError, KeyError) as error:
                return (404 if "not found" in str(error) else 400), _error(str(error))
        return 200, {"result": _plain(result), "status": "ok", "time": 0.0}

    def _route(self, method: str, path: str, body: Body) -> Any:
        whole: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "/collections"): self._engine.get_collections,
            ("GET", "/aliases"): self._engine.get_aliases,
            ("POST", "/collections/aliases"): lambda: self._move_aliases(body),
        }
        if (method, path) in whole:
            return whole[method, path]()
        match = _PATH.fullmatch(path)
        assert match, f"{method} {path} is unknown to the stand-in"
        of_one: dict[tuple[str, str], Callable[[str, Body], Any]] = {
            ("GET", ""): self._describe,
            ("PUT", ""): self._create,
            ("PATCH", ""): self._update,
            ("DELETE", ""): lambda name, _: self._engine.delete_collection(name),
            ("PUT", "/index"): self._index,
            ("POST", "/points"): self._retrieve,
            ("POST", "/points/batch"): self._batch,
            ("POST", "/points/count"): self._count,
            ("POST", "/points/scroll"): self._scroll,
            ("POST", "/points/query/batch"): self._query,
        }
        return of_one[method, match["rest"] or ""](match["name"], body)

    def _describe(self, name: str, _: Body) -> Body:
        found = self._engine.get_collection(name).model_dump(mode="json")
        aliases = self._engine.get_aliases().aliases
        targets = {alias.alias_name: alias.collection_name for alias in aliases}
        schema = self._schemas.get(targets.get(name, name), {})
        return found | {"payload_schema": schema}

    def _create(self, name: str, body: Body) -> bool:
        wanted = _read(http.CreateCollection, body)
        return self._engine.create_collection(
            name,
            vectors_config=wanted.vectors,
            sparse_vectors_config=wanted.sparse_vectors,
            metadata=wanted.metadata,
        )

    def _update(self, name: str, body: Body) -> bool:
        wanted = _read(http.UpdateCollection, body)
        return self._engine.update_collection(name, metadata=wanted.metadata)

    def _index(self, name: str, body: Body) -> Body:
        wanted = _read(http.CreateFieldIndex, body)
        kind = body["field_schema"]
        described = kind if isinstance(kind, dict) else {"type": kind}
        self._schemas.setdefault(name, {})[wanted.field_name] = {
            "data_type": described["type"],
            "params": described if isinstance(kind, dict) else None,
            "points": 0,
        }
        return {"operation_id": 0, "status": "completed"}

    def _move_aliases(self, body: Body) -> bool:
        wanted = _read(http.ChangeAliasesOperation, body)
        return self._engine.update_collection_aliases(wanted.actions)

    def _retrieve(self, name: str, body: Body) -> Any:
        wanted = _read(http.PointRequest, body)
        return self._engine.retrieve(name, wanted.ids, wanted.with_payload or False)

    def _batch(self, name: str, body: Body) -> Any:
        wanted = _read(http.UpdateOperations, body)
        return self._engine.batch_update_points(name, wanted.operations)

    def _count(self, name: str, body: Body) -> Any:
        wanted = _read(http.CountRequest, body)
        return self._engine.count(name, count_filter=wanted.filter)

    def _scroll(self, name: str, body: Body) -> Body:
        wanted = _read(http.ScrollRequest, body)
        found, offset = self._engine.scroll(
            name,
            scroll_filter=wanted.filter,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=wanted.with_payload or False,
            with_vectors=wanted.with_vector or False,
        )
        return {"points": _plain(found), "next_page_offset": offset}

    def _query(self, name: str, body: Body) -> Any:
        wanted = _read(http.QueryRequestBatch, body)
        return self._engine.query_batch_points(name, wanted.searches)


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """Serve an empty stand-in on a free port of this machine."""
    with warnings.catch_warnings():
        # The local mode tells that it is one.
        warnings.simplefilter("ignore", UserWarning)
        state = StandIn()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(state: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            key = self.headers.get("api-key") or ""
            status, told = state.answer(self.command, path, key, body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing: the tests look at `asked`."""

    return Handler


def _read(model: type[T], body: Body) -> T:
    return TypeAdapter(model).validate_python(body)


def _plain(result: Any) -> Any:
    if isinstance(result, list | tuple):
        return [_plain(one) for one in result]
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json", exclude_none=True)
    return result


def _error(reason: str) -> Body:
    return {"status": {"error": reason}, "time": 0.0}
