"""The chat route: a question in OpenAI's format, answered whole or as a stream."""

import time
from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency

from app.api.addressing import addressed
from app.api.answering import Answerer, Opening, unless_over
from app.api.auth import refuse_own_system
from app.api.body import json_of
from app.api.carriers import annotations, extras, listed, usage_json
from app.api.idempotency import answer_once
from app.api.request import question_of
from app.api.streaming import AnswerStream, StreamResponse
from app.api.terms import Terms
from app.messages import JSON, Choice, Question
from ingest.documents import Principal


@post(
    "/v1/chat/completions",
    status_code=200,
    summary="Answer the last message",
    scopes=("chat",),
    before_request=answer_once,
)
async def create_chat_completion(
    request: Request[Any, Any, Any],
    answerer: NamedDependency[Answerer],
    principal: NamedDependency[Principal],
    terms: NamedDependency[Terms],
) -> Response[Any]:
    """Answer the last message from the documents, whole or as server-sent events."""
    body = await json_of(request)
    question = addressed(question_of(body, terms.rules), body, request.headers)
    refuse_own_system(principal, question.messages)
    terms.check_model(question.model)
    address = terms.address(request.scope["scheme"], request.headers.get("host", ""))
    if not question.stream:
        whole = _whole(answerer, principal, question, address)
        return await unless_over(request.receive, terms.closing, whole)
    opening = Opening(answerer.answer(principal, question))
    try:
        await opening.settle(request.receive, terms.closing, seconds=terms.held_back)
    except BaseException:
        # Being cancelled counts too: nobody else knows of this answer yet.
        await opening.aclose()
        raise
    return StreamResponse(AnswerStream(opening, question, terms, address=address))


async def _whole(
    answerer: Answerer, principal: Principal, question: Question, address: str
) -> Response[JSON]:
    answer = await answerer.answer(principal, question)
    try:
        completion = await answer.completion()
        said = {
            "id": answer.id,
            "object": "chat.completion",
            "created": int(time.time()),
            "model": answer.model,
            "choices": [_choice(c, question, address) for c in completion.choices],
            "usage": usage_json(answer.usage),
            **completion.rest,
            **extras(question, answer, address),
        }
        unsaved = {} if answer.saved else {"x-conversation-saved": "false"}
        return Response(said, headers=unsaved)
    finally:
        await answer.aclose()


def _choice(choice: Choice, question: Question, address: str) -> JSON:
    text = listed(question, choice.citations, address)
    content = choice.content
    return {
        "index": choice.index,
        "message": {
            "role": "assistant",
            "content": content + text if content is not None else None,
            "refusal": None,
            **choice.rest,
            "annotations": annotations(choice.citations, address),
        },
        "logprobs": choice.logprobs,
        "finish_reason": choice.finish_reason,
    }


routes = (create_chat_completion,)
