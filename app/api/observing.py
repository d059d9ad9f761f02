"""What every request gets: an id, its timings in headers, a line in the log, a count.

Wraps the whole service, so that answers no route gives have these as well.
"""

import logging
import re
import time

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from app import logs, metrics
from app.access import noting
from app.access.noting import Noted
from app.api.limiting import headers_of
from app.ids import new_id
from app.metrics import Stage

_CALLERS_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")

log = logging.getLogger(__name__)


def observe(app: Litestar) -> Litestar:
    """Observe every request that `app` answers, matched by a route or not."""
    app.asgi_handler = middleware(app.asgi_handler)
    return app


def middleware(app: ASGIApp) -> ASGIApp:
    """Return `app` with its requests observed."""

    async def observed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        request = _Observed(scope, send)
        token = logs.request_id.set(request.id)
        with metrics.collect() as request.stages, noting.collect() as request.limits:
            try:
                await app(scope, receive, request.send)
            finally:
                request.report()
                logs.request_id.reset(token)

    return observed


class _Observed:
    """One request on its way: sends what the service sends, with our headers."""

    def __init__(self, scope: HTTPScope, send: Send) -> None:
        self.id = new_id("req_")
        self.stages: list[Stage] = []
        self.limits = Noted()
        self._scope = scope
        self._send = send
        self._start = time.perf_counter()
        # Nothing sent at all means that the caller left.
        self._status = 499

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers()]
        await self._send(message)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"x-request-id", self.id.encode()),
            (b"openai-processing-ms", b"%d" % (self._elapsed() * 1000)),
        ]
        if self.stages:
            timing = ", ".join(
                f"{s.name};dur={s.seconds * 1000:.1f}" for s in self.stages
            )
            headers.append((b"server-timing", timing.encode()))
        if self._status < 300 or self._status == 429:
            headers += headers_of(self.limits)
        return headers

    def report(self) -> None:
        route = str(self._scope.get("path_template") or "unmatched")
        seconds = self._elapsed()
        metrics.REQUESTS.labels(route, str(self._status)).inc()
        metrics.REQUEST_SECONDS.labels(route).observe(seconds)
        fields = {
            "method": self._scope["method"],
            "route": route,
            "status": self._status,
            "seconds": round(seconds, 4),
            "stages": {s.name: round(s.seconds, 4) for s in self.stages},
        }
        if given := _callers_id(self._scope):
            fields["client_request_id"] = given
        log.info("request", extra={"fields": fields})

    def _elapsed(self) -> float:
        return time.perf_counter() - self._start


def _callers_id(scope: HTTPScope) -> str:
    given = next((v for k, v in scope["headers"] if k == b"x-request-id"), b"")
    return given.decode() if _CALLERS_ID.fullmatch(given) else ""
