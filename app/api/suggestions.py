"""First questions for whoever does not know yet what to ask."""

from litestar import Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from msgspec import Struct

from app.api.page_settings import Face
from app.errors import DatabaseUnavailable
from app.insights.suggesting import MostAsked
from app.looks import MOST_ASKED
from app.resources import Resources
from ingest.documents import Principal


class Suggestions(Struct, frozen=True, kw_only=True):
    """Questions that may be asked first.

    Attributes:
        object: Always "list".
        data: The questions, at most six.
    """

    object: str = "list"
    data: tuple[str, ...]


@get("/v1/suggestions", summary="List first questions", scopes=("chat",))
async def list_suggestions(
    state: State,
    face: NamedDependency[Face],
    resources: NamedDependency[Resources],
    principal: NamedDependency[Principal],
) -> Response[Suggestions]:
    """Return the first questions that are set, or what is asked and answered most."""
    found = face.page.questions
    if resources.settings.page.questions.strip() == MOST_ASKED:
        most_asked: MostAsked | None = state.most_asked
        if most_asked is None:
            raise DatabaseUnavailable("none was opened")
        found = await most_asked.told(principal)
    private = {"cache-control": "private, no-cache"}
    return Response(Suggestions(data=found), headers=private)
