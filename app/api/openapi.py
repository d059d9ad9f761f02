"""The description of the API, as JSON; no page of it is loaded from anywhere else.

The framework describes what routes return. Bodies that a route reads by hand, and
refusals, are added here from the structs that check and tell them.
"""

from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar, Request, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from app.access.scopes import PUBLIC
from app.api.conversations import DraftConversation, NewConversation
from app.api.errors import ErrorBody
from app.api.explain import ExplainRequest
from app.api.feedback import FeedbackRequest
from app.api.keys import KeyRequest, RotateRequest
from app.api.schema import ChatRequest
from app.api.search import SearchRequest
from app.api.widget_sessions import SessionRequest

_CHAT = "/v1/chat/completions"
_REFUSED = (
    "400", "401", "403", "404", "408", "409", "412", "413", "415", "429", "503", "507",
)  # fmt: skip
_UPSTREAM = ("502", "504")
_PUBLIC = ("/v1/page",)
"""Routes that anybody may call, of those that are not about the service's health."""

_BODIES: dict[str, type[Any]] = {
    _CHAT: ChatRequest,
    "/v1/keys": KeyRequest,
    "/v1/keys/{key_id}/rotate": RotateRequest,
    "/v1/search": SearchRequest,
    "/v1/widget/sessions": SessionRequest,
    "/v1/conversations": NewConversation,
    "/v1/conversations/{conversation_id}": DraftConversation,
    "/v1/feedback": FeedbackRequest,
    "/v1/explain": ExplainRequest,
}
_KEY = {"type": "http", "scheme": "bearer"}
_FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_METHODS = ("get", "post", "put", "delete")


class _Whole(JsonRenderPlugin):
    """Shows the whole description where the framework would show its part."""

    def render(
        self,
        request: Request[Any, Any, Any],
        openapi_schema: dict[str, Any],  # noqa: ARG002 — the framework's signature
    ) -> bytes:
        return self.render_json(request, described(request.app))


CONFIG = OpenAPIConfig(
    title="frontdesk",
    version=version("frontdesk"),
    description="Help-desk answers from your own documents, behind the OpenAI chat API.",
    openapi_router=Router(
        "/openapi", route_handlers=[], include_in_schema=False, opt={"scopes": PUBLIC}
    ),
    render_plugins=[_Whole(path="/json")],
)


@get("/openapi.json", include_in_schema=False, scopes=PUBLIC)
async def show_schema(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Return the description of every route, OpenAPI 3.1."""
    return described(request.app)


def described(app: Litestar) -> dict[str, Any]:
    """Return the description of every route of `app`, OpenAPI 3.1."""
    whole: dict[str, Any] = app.openapi_schema.to_schema()
    structs = [*_BODIES.values(), ErrorBody]
    schemas, components = msgspec.json.schema_components(
        structs, ref_template="#/components/schemas/{name}"
    )
    refused = {"description": "Refused", "content": _json(schemas[-1])}
    for path, item in whole["paths"].items():
        for operation in (item[method] for method in _METHODS if method in item):
            # The framework describes refusals of its own, which no caller sees.
            operation["responses"].pop("400", None)
            if path.startswith("/v1/"):
                told = _REFUSED + (_UPSTREAM if path in (_CHAT, "/v1/explain") else ())
                operation["responses"] |= dict.fromkeys(told, refused)
                operation["security"] = [] if path in _PUBLIC else [{"key": []}]
    for path, schema in zip(_BODIES, schemas, strict=False):
        operation = whole["paths"][path]["post"]
        operation["requestBody"] = {"required": True, "content": _json(schema)}
    file = {"required": True, "content": _FILE}
    whole["paths"]["/v1/documents/{path}"]["put"]["requestBody"] = file
    ready = whole["paths"]["/health/ready"]["get"]["responses"]
    ready["503"] = {**ready["200"], "description": "Not ready"}
    lines = {"application/x-ndjson": {"schema": {"type": "string"}}}
    whole["paths"]["/v1/data"]["get"]["responses"]["200"]["content"] = lines
    answers = whole["paths"][_CHAT]["post"]["responses"]["200"]
    answers["content"] |= {"text/event-stream": {"schema": {"type": "string"}}}
    whole["components"]["schemas"] |= components
    whole["components"]["securitySchemes"] = {"key": _KEY}
    return whole


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
