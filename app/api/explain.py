"""Why a question is answered as it is: the road of its answer, for who keeps the docs."""

import time
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from app import metrics
from app.api.answering import unless_over
from app.api.auth import refuse_own_system
from app.api.body import json_of
from app.api.carriers import Source, annotations, sources, usage_json
from app.api.filtering import RequestFilter, filter_of
from app.api.schema import RequestMessage
from app.api.search import asked_in, checked
from app.api.terms import Terms
from app.chat.asking import DEFAULT_MODEL
from app.chat.writing import Answer
from app.conversations.turns import kept_hits
from app.explaining.notes import Look, Notes, reranks
from app.explaining.telling import Candidate, TimedStage, Why, candidates, waterfall
from app.messages import JSON, Completion, Findings, Question, RagOptions
from app.resources import Resources
from ingest.documents import Principal


class ExplainRequest(Struct, frozen=True, kw_only=True):
    """What to explain: a question, or a conversation whose last turn is the question.

    A field that is null counts as not given.

    Attributes:
        query: The question.
        messages: A conversation, instead of `query`.
        filter: Which documents may answer.
        top_k: Most chunks offered to the model.
        model: The model that answers.
        answer: Whether it is answered, or only searched for.
    """

    query: Annotated[str, Meta(max_length=100_000)] | None = None
    messages: tuple[RequestMessage, ...] | None = None
    filter: RequestFilter | None = None
    top_k: Annotated[int, Meta(ge=1, le=50)] | None = None
    model: Annotated[str, Meta(min_length=1, max_length=256)] = DEFAULT_MODEL
    answer: bool = True


class PromptMessage(Struct, frozen=True, kw_only=True):
    """A message as the model was sent it, and its tokens by our count."""

    role: str
    content: Any
    tokens: int


class PromptSource(Struct, frozen=True, kw_only=True):
    """A source in the prompt, and the tokens of its text by our count."""

    number: int
    id: str
    title: str
    tokens: int


class PromptSent(Struct, frozen=True, kw_only=True):
    """What the model was sent.

    Attributes:
        model: Its name.
        window: Tokens it can read and write.
        tokens: Tokens of the whole prompt, by our count.
        left_out: Messages of the conversation that did not fit.
        messages: The messages.
        sources: The sources that stand in one of them.
    """

    model: str
    window: int
    tokens: int
    left_out: int
    messages: tuple[PromptMessage, ...]
    sources: tuple[PromptSource, ...]


class ExplainedAnswer(Struct, frozen=True, kw_only=True):
    """The answer itself, as the chat has it."""

    content: str | None
    sources: list[Source]
    annotations: list[JSON]
    finish_reason: str
    usage: JSON


class Explanation(Struct, frozen=True, kw_only=True):
    """The road of an answer.

    Attributes:
        object: Always "explanation".
        queries: What was searched for, in words.
        edition: Edition of the index that answered.
        confidence: How likely the hits hold an answer, in [0, 1].
        least_confidence: Below this, the answer is that it is not known.
        answered: Whether there is an answer, or would be.
        degraded: Why it is weaker than asked for, or None.
        signals: What the confidence was judged by; see docs/confidence.md.
        candidates: Every chunk that one of the two searches found, best first.
        prompt: What the model was sent; None where none was asked.
        stages: What took how long, in the order it began.
        answer: The answer; None where none was wanted.
    """

    object: str = "explanation"
    queries: tuple[str, ...]
    edition: str
    confidence: float
    least_confidence: float
    answered: bool
    degraded: str | None
    signals: dict[str, float]
    candidates: tuple[Candidate, ...]
    prompt: PromptSent | None
    stages: tuple[TimedStage, ...]
    answer: ExplainedAnswer | None


class _Outcome(Struct, frozen=True, kw_only=True):
    """What came of a question; answer and completion together or not at all."""

    findings: Findings | None
    answered: bool
    degraded: str | None
    answer: Answer | None = None
    completion: Completion | None = None


@post(
    "/v1/explain",
    status_code=200,
    summary="Explain an answer",
    scopes=("insights",),
)
async def explain(
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
    principal: NamedDependency[Principal],
    terms: NamedDependency[Terms],
) -> Response[Explanation]:
    """Answer a question as the chat would, and tell what led to the answer.

    It counts against the caller's limits, and is not recorded as a question.
    """
    resources.refuse_unless_open()
    body = await json_of(request)
    asked = checked(body, ExplainRequest)
    question = Question(
        model=asked.model,
        messages=asked_in(body, asked.query, asked.messages),
        rag=RagOptions(top_k=asked.top_k, filter=filter_of(asked.filter, "filter")),
    )
    refuse_own_system(principal, question.messages)
    terms.check_model(question.model)
    address = terms.address(request.scope["scheme"], request.headers.get("host", ""))
    work = _explained(resources, principal, question, address, wanted=asked.answer)
    return Response(await unless_over(request.receive, terms.closing, work))


async def _explained(
    held: Resources,
    principal: Principal,
    question: Question,
    address: str,
    *,
    wanted: bool,
) -> Explanation:
    notes, began = Notes(), time.perf_counter()
    _, answerer = held.road(notes.doors(held))
    with metrics.collect() as stages:
        if wanted:
            answer = await answerer.answer(principal, question)
            try:
                completion = await answer.completion()
            finally:
                await answer.aclose()
            outcome = _Outcome(
                findings=answer.findings,
                answered=answer.answered,
                degraded=answer.degraded,
                answer=answer,
                completion=completion,
            )
        else:
            found = await answerer.find(principal, question)
            outcome = _Outcome(
                findings=found.findings,
                answered=found.is_sure(held.settings.retrieval.min_confidence),
                degraded=found.degraded,
            )
    stages.append(metrics.Stage("total", time.perf_counter() - began, began))
    look, findings = notes.of(outcome.findings), outcome.findings
    return Explanation(
        queries=findings.queries if findings else (),
        edition=findings.edition if findings else "",
        confidence=round(findings.confidence, 4) if findings else 0.0,
        least_confidence=held.settings.retrieval.min_confidence,
        answered=outcome.answered,
        degraded=outcome.degraded,
        signals=await _signals(held, principal, look),
        candidates=_candidates(held, look, outcome),
        prompt=_prompt(held, outcome),
        stages=waterfall(stages, began),
        answer=_answer(outcome, address),
    )


async def _signals(
    held: Resources, principal: Principal, look: Look | None
) -> dict[str, float]:
    if look is None or not look.judged:
        return {}
    judge = held.retriever.judge
    found = await judge.signals(principal, look.queries, look.judged)
    return {k: round(v, 4) for k, v in msgspec.structs.asdict(found).items()}


def _candidates(
    held: Resources, look: Look | None, outcome: _Outcome
) -> tuple[Candidate, ...]:
    if look is None or outcome.findings is None:
        return ()
    answer = outcome.answer
    left: Why = "not asked"
    if answer is not None and answer.sent is not None:
        left = "no room"
    elif answer is not None:
        left = "not quoted" if answer.answered else "unsure"
    told = answer is not None and (answer.answered or answer.sent is not None)
    late = look.ranked.degraded is not None or not reranks(held)
    return candidates(
        look,
        outcome.findings,
        answer.hits if answer is not None and told else (),
        left=left,
        rescored=0 if late else held.settings.rerank.depth,
    )


def _prompt(held: Resources, outcome: _Outcome) -> PromptSent | None:
    if outcome.answer is None or outcome.answer.sent is None:
        return None
    prompt, model = outcome.answer.sent
    return PromptSent(
        model=model,
        window=prompt.window,
        tokens=prompt.tokens,
        left_out=prompt.left_out,
        messages=tuple(
            PromptMessage(
                role=message["role"],
                content=message.get("content"),
                tokens=held.tokens.of_message(message, model=model),
            )
            for message in prompt.messages
        ),
        sources=tuple(
            PromptSource(
                number=number,
                id=(hit.found or hit.chunk).id,
                title=hit.chunk.title,
                tokens=held.tokens.count(hit.chunk.text, model=model),
            )
            for number, hit in enumerate(prompt.hits, start=1)
        ),
    )


def _answer(outcome: _Outcome, address: str) -> ExplainedAnswer | None:
    if outcome.answer is None or outcome.completion is None:
        return None
    first = outcome.completion.choices[0]
    return ExplainedAnswer(
        content=first.content,
        sources=sources(kept_hits(outcome.answer.hits), address),
        annotations=annotations(first.citations, address),
        finish_reason=first.finish_reason,
        usage=usage_json(outcome.answer.usage),
    )
