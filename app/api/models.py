"""The models a caller may name; answered from our own table, never by asking."""

from litestar import get, head
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from app.access.scopes import ANY
from app.api.terms import Terms
from app.errors import ModelNotFound
from ingest.documents import Principal


class Model(Struct, frozen=True, kw_only=True):
    """One model, as OpenAI describes it.

    Attributes:
        id: The name to ask for.
        object: Always "model".
        created: Seconds since the epoch.
        owned_by: Always "frontdesk".
    """

    id: str
    object: str = "model"
    created: int
    owned_by: str = "frontdesk"


class ModelList(Struct, frozen=True, kw_only=True):
    """Every model a caller may name.

    Attributes:
        object: Always "list".
        data: The models, the usual one first.
    """

    object: str = "list"
    data: tuple[Model, ...]


@get("/v1/models", summary="List the models", scopes=ANY)
async def list_models(
    terms: NamedDependency[Terms],
    principal: NamedDependency[Principal],  # noqa: ARG001 — refuses strangers
) -> ModelList:
    """Return every model a caller may name."""
    return ModelList(data=tuple(_model(name, terms) for name in terms.models))


@get("/v1/models/{name:path}", summary="Show one model", scopes=ANY)
async def show_model(
    name: FromPath[str],
    terms: NamedDependency[Terms],
    principal: NamedDependency[Principal],  # noqa: ARG001 — refuses strangers
) -> Model:
    """Return the model of this name, which may hold slashes and colons."""
    return _named(name, terms)


@head("/v1/models", include_in_schema=False, scopes=ANY)
async def head_models(
    principal: NamedDependency[Principal],
) -> None:
    """Say that the list of models is there."""


@head("/v1/models/{name:path}", include_in_schema=False, scopes=ANY)
async def head_model(
    name: FromPath[str],
    terms: NamedDependency[Terms],
    principal: NamedDependency[Principal],  # noqa: ARG001 — refuses strangers
) -> None:
    """Say whether a model of this name is there."""
    _named(name, terms)


def _named(path: str, terms: Terms) -> Model:
    # The framework gives the rest of a path with the slash before it.
    name = path.removeprefix("/")
    if name not in terms.models:
        raise ModelNotFound(f"There is no model {name!r}.")
    return _model(name, terms)


def _model(name: str, terms: Terms) -> Model:
    return Model(id=name, created=terms.created)


routes = (list_models, show_model, head_models, head_model)
