"""The road through a running service, by HTTP; beside the upstream an aiohttp door."""

import re
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
import msgspec
from msgspec import Struct

from app.chat.asking import DEFAULT_MODEL
from app.errors import EvaluationImpossible, NoAnswer
from app.evaluation.citing import Cited, Place
from app.evaluation.golden import Golden
from app.evaluation.road import HITS, Reply, Road, distinct
from app.messages import JSON, Message

T = TypeVar("T")

_TIMEOUT = aiohttp.ClientTimeout(total=900, connect=10)
"""Seconds: the service ends answers that take too long, so this only guards."""

_STAGE = re.compile(r"([\w-]+);dur=([\d.]+)")
_SOURCE = re.compile(r"/v1/sources/([^/?#]+)")


class _Document(Struct):
    path: str = ""
    title: str = ""


class _Result(Struct):
    document: _Document


class _Results(Struct):
    data: list[_Result]


class _Opened(Struct):
    document: _Document
    language: str
    context: list[JSON]


class _Marker(Struct):
    url: str
    start_index: int
    end_index: int


class _Annotation(Struct):
    url_citation: _Marker


class _Said(Struct):
    content: str | None
    annotations: list[_Annotation]


class _Choice(Struct):
    message: _Said


class _Usage(Struct):
    prompt_tokens: int


class _RagUsage(Struct):
    stuffed_tokens: int


class _Rag(Struct):
    answered: bool
    confidence: float | None
    edition: str | None
    usage: _RagUsage


class _Completion(Struct):
    choices: list[_Choice]
    usage: _Usage
    rag: _Rag


class _Error(Struct):
    message: str


class _Refusal(Struct):
    error: _Error


class ServiceRoad:
    """Asks a running service; a `Road`.

    The service decides what its caller may see: labels of a question are not sent.
    """

    sends_labels = False
    settings: dict[str, str | int | float] = {}  # noqa: RUF012 - known only there

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, model: str = DEFAULT_MODEL
    ) -> None:
        """Ask `model` of the service at `url` through `session`."""
        self._session = session
        self._url = url
        self._model = model
        # Shown to people: a password in it is not.
        self.name = re.sub(r"//[^/@]*@", "//", url)

    async def held(
        self,
        paths: Iterable[str],
        labels: Sequence[str],  # noqa: ARG002 - see the class
    ) -> set[str]:
        """See `Road.held`."""
        try:
            if not await self._search({"query": "help", "limit": 1}):
                raise EvaluationImpossible(
                    f"{self.name} finds nothing at all: is its index empty?"
                )
            return {path for path in paths if await self._holds(path)}
        except NoAnswer as error:
            raise EvaluationImpossible(str(error)) from error

    async def answer(self, golden: Golden) -> Reply:
        """See `Road.answer`."""
        body = {"model": self._model, "messages": _messages(golden.conversation)}
        start = time.perf_counter()
        answer, headers = await self._post("/v1/chat/completions", body, _Completion)
        seconds = time.perf_counter() - start
        if not answer.choices:
            raise NoAnswer(f"{self.name} answered without a choice")
        said, rag = answer.choices[0].message, answer.rag
        return Reply(
            text=said.content or "",
            answered=rag.answered,
            confidence=rag.confidence or 0.0,
            edition=rag.edition or "",
            citations=_cited(said.annotations),
            sent=answer.usage.prompt_tokens,
            stuffed=rag.usage.stuffed_tokens,
            stages=stages(headers.get("server-timing", "")),
            milliseconds=seconds * 1000,
        )

    async def ranking(
        self,
        messages: Sequence[Message],
        labels: Sequence[str],  # noqa: ARG002 - see the class
    ) -> tuple[str, ...]:
        """See `Road.ranking`."""
        asked = {"messages": _messages(messages), "limit": HITS}
        return distinct(await self._search(asked))

    async def place(
        self,
        source: str,
        labels: Sequence[str],  # noqa: ARG002 - see the class
    ) -> Place | None:
        """See `Road.place`."""
        try:
            opened = await self._get(f"/v1/sources/{source}", _Opened)
        except NoAnswer:
            return None
        titles = {opened.document.title}
        titles |= {t for near in opened.context for t in near["heading_path"]}
        texts = (near["text"] for near in opened.context)
        text = "\n".join((*sorted(titles), *texts))
        return Place(text=text, language=opened.language)

    async def _holds(self, path: str) -> bool:
        """Return whether a document is there: what a search within its path finds."""
        asked = {"query": path, "limit": HITS, "filter": {"path": path}}
        return path in await self._search(asked)

    async def _search(self, body: JSON) -> list[str]:
        found, _ = await self._post("/v1/search", body, _Results)
        return [result.document.path for result in found.data]

    async def _post(
        self, route: str, body: JSON, kind: type[T]
    ) -> tuple[T, dict[str, str]]:
        return await self._request("POST", route, kind, msgspec.json.encode(body))

    async def _get(self, route: str, kind: type[T]) -> T:
        found, _ = await self._request("GET", route, kind)
        return found

    async def _request(
        self, method: str, route: str, kind: type[T], body: bytes | None = None
    ) -> tuple[T, dict[str, str]]:
        """Return the answer decoded, and its headers with names in small letters.

        Raises:
            NoAnswer: There is none, or it is not one of ours.
        """
        try:
            async with self._session.request(
                method, self._url + route, allow_redirects=False, data=body
            ) as response:
                reply = await response.read()
                headers = {k.lower(): v for k, v in response.headers.items()}
        except TimeoutError as error:
            raise NoAnswer(f"{self.name} does not answer in time") from error
        except (aiohttp.ClientError, ValueError, OSError) as error:
            raise NoAnswer(f"{self.name} cannot be asked: {error}") from error
        if response.status != 200:
            raise NoAnswer(
                f"{self.name}{route} answered {response.status}: {_reason(reply)}"
            )
        try:
            return msgspec.json.decode(reply, type=kind), headers
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NoAnswer(
                f"{self.name}{route} does not answer as frontdesk does ({error}); "
                "give the address of a running frontdesk serve"
            ) from error


@asynccontextmanager
async def open_service(url: str, *, key: str, model: str) -> AsyncIterator[Road]:
    """Open the road through the service at `url`.

    Args:
        url: Its address, with or without ``/v1``.
        key: What it knows its caller by; "" sends none.
        model: The model to ask.

    Raises:
        EvaluationImpossible: `url` is no address.
    """
    address = url.rstrip("/").removesuffix("/v1")
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address):
        raise EvaluationImpossible(
            f"--url {url}: not an address such as http://127.0.0.1:8000"
        )
    headers = {"content-type": "application/json", "accept": "application/json"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT) as session:
        yield ServiceRoad(session, address, model=model)


def stages(timing: str) -> dict[str, float]:
    """Return the milliseconds by stage that a ``server-timing`` header tells."""
    found: dict[str, float] = {}
    for name, milliseconds in _STAGE.findall(timing):
        found[name] = round(found.get(name, 0.0) + float(milliseconds), 1)
    return found


def _messages(messages: Sequence[Message]) -> list[JSON]:
    return [message.as_json() for message in messages]


def _cited(annotations: Sequence[_Annotation]) -> tuple[Cited, ...]:
    markers = [annotation.url_citation for annotation in annotations]
    return tuple(
        Cited(start=marker.start_index, end=marker.end_index, source=found[1])
        for marker in markers
        if (found := _SOURCE.search(marker.url))
    )


def _reason(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error.message
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "no reason that frontdesk would give; is it one?"
