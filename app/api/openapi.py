"""The description of the API, as JSON; no page of it is loaded from anywhere else."""

from importlib.metadata import version
from typing import Any

from litestar import Request, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

CONFIG = OpenAPIConfig(
    title="frontdesk",
    version=version("frontdesk"),
    description="Help-desk answers from your own documents, behind the OpenAI chat API.",
    path="/openapi",
    render_plugins=[JsonRenderPlugin(path="/json")],
)


@get("/openapi.json", include_in_schema=False)
async def show_schema(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Return the description of every route, OpenAPI 3.1."""
    return request.app.openapi_schema.to_schema()
