"""A question with what was found for it, and what it calls for. Pure."""

from msgspec import Struct

from app.chat.following import Around
from app.chat.question import asked, is_small_talk
from app.messages import Findings, Message, Queries, Question
from ingest.documents import Hit


class Found(Struct, frozen=True, kw_only=True):
    """A question with what was found for it.

    Attributes:
        question: As asked.
        queries: What was searched for.
        findings: What was found; None where retrieval was switched off.
        unsearched: The index could not be searched.
        rewrite_tokens: Tokens that rewriting the question took.
    """

    question: Question
    queries: Queries
    findings: Findings | None
    unsearched: bool = False
    rewrite_tokens: int = 0

    def is_sure(self, least: float) -> bool:
        """Return whether the hits hold an answer with a confidence of `least`."""
        if self.findings is None:
            return True
        return not self.unsearched and self.findings.confidence >= least

    @property
    def degraded(self) -> str | None:
        """Why the hits are weaker than asked for, or None."""
        if self.unsearched:
            return "retrieval_unavailable"
        return self.findings.degraded if self.findings else None

    def around(self, hits: tuple[Hit, ...]) -> Around:
        """Return what an answer stands among that could be written from `hits`."""
        said = self.question.messages
        return Around(
            hits=() if self.greets else hits,
            asked=tuple(message.text for message in said if message.role == "user"),
            language=self.queries.language,
        )

    @property
    def greets(self) -> bool:
        """The last message greets or thanks, and asks nothing."""
        position = asked(self.question.messages)
        last = None if position is None else self.question.messages[position]
        return last is not None and is_small_talk(last.text)

    @property
    def needs_model(self) -> bool:
        """More is asked for than the documents can give.

        Tools, pictures and data in a format are the model's part, and so is a
        greeting or a sign without words; a refusal would be a wrong answer to them.
        """
        question = self.question
        tools = question.parameters.get("tools") or question.parameters.get("functions")
        position = asked(question.messages)
        last = question.messages[-1]
        seen = position is not None and _shows(question.messages[position])
        told = last.role in ("tool", "function")
        wordless = not self.queries.texts or self.greets
        return bool(tools or told or seen or question.wants_json or wordless)


def _shows(message: Message) -> bool:
    """Return whether a message holds more than text."""
    parts = message.content if isinstance(message.content, tuple) else ()
    return any(part.get("type") != "text" for part in parts)
