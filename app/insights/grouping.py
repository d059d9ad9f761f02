"""Questions that ask alike become topics. Pure.

    questions --by wording--> wordings --by cosine--> topics

What comes out does not depend on the order of what goes in: wordings are taken in an
order of their own, the most frequent first, and each joins the topic whose first
wording is nearest, if it is near enough.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from app.insights.figures import Example, Topic
from ingest.documents import Vectors

UNRELATED = (
    "How do I bake sourdough bread?",
    "Which bus goes to the airport?",
    "Who painted the ceiling of that chapel?",
    "Can dogs eat raw potatoes?",
    "What is the capital of Mongolia?",
    "My knee hurts when I climb stairs.",
    "How is a piano tuned?",
    "When does the football season begin?",
)
"""Questions that have nothing in common: what a model gives them all the same."""

ALIKE = 0.68
"""Share of the way from unrelated to equal from which on two questions ask alike.

With the model that comes with the installation that is a cosine of 0.71. Of all 18,336
pairs of the sample's golden questions, no two of which ask the same, one is above it.
Questions that were reworded and keep some words are ("Do you ship to Norway?", "Is
delivery to Norway possible?": 0.78); with none of the words they often are not
("refund", "my money back": 0.67), and two error codes in one sentence (0.81) are taken
for alike.
"""

EXAMPLES = 5
"""Examples of a topic."""

_LONGEST = 300
"""Characters of a question that are shown."""


class Asked(Struct, frozen=True, kw_only=True):
    """A question that was not answered, or not well.

    Attributes:
        id: Id of its completion.
        question: Its text, not "".
        asked: When, in seconds since the epoch.
        unanswered: It got no answer.
        down_voted: Somebody put a thumb down.
        comment: What they wrote beside it, or "".
    """

    id: str
    question: str
    asked: float
    unanswered: bool
    down_voted: bool = False
    comment: str = ""


def wordings_of(asked: Sequence[Asked]) -> list[list[Asked]]:
    """Put questions of one wording together; case, blanks and end marks do not count.

    Returns:
        Each question in one list, the newest first; the longest list first. The
        order of `asked` makes no difference.
    """
    found: dict[str, list[Asked]] = {}
    for one in sorted(asked, key=lambda one: (-one.asked, one.id)):
        found.setdefault(folded(one.question), []).append(one)
    order = sorted(found, key=lambda words: (-len(found[words]), words))
    return [found[words] for words in order]


def folded(text: str) -> str:
    """Return `text` without what makes no other wording of it."""
    return " ".join(text.casefold().split()).rstrip("?!.… ")


def likeness(unrelated: Vectors) -> float:
    """Return the cosine from which on two questions ask alike, for a model.

    Args:
        unrelated: Its embeddings of `UNRELATED`: some models give a cosine of 0.8 to
            texts that have nothing in common.
    """
    cosines = unrelated @ unrelated.T
    usual = float(np.mean(cosines[np.triu_indices(len(cosines), 1)]))
    return usual + ALIKE * (1 - usual)


def topics_of(
    wordings: Sequence[Sequence[Asked]], vectors: Vectors, *, least: float
) -> list[Topic]:
    """Put wordings that ask alike together.

    Args:
        wordings: What `wordings_of` returned.
        vectors: Embeddings of one question of each, shape (n, dim).
        least: Cosine from which on two ask alike; see `likeness`.

    Returns:
        Topics, the most frequent first. Each question counts in one of them.
    """
    members: list[list[Sequence[Asked]]] = []
    leaders = np.empty_like(vectors)
    for wording, vector in zip(wordings, vectors, strict=True):
        near = leaders[: len(members)] @ vector
        best = int(np.argmax(near)) if len(near) else -1
        if best < 0 or near[best] < least:
            leaders[len(members)] = vector
            members.append([wording])
        else:
            members[best].append(wording)
    topics = [_topic(own) for own in members]
    return sorted(topics, key=lambda t: (-t.count, -t.last_asked, t.question))


def _topic(wordings: Sequence[Sequence[Asked]]) -> Topic:
    every = [one for wording in wordings for one in wording]
    texts = Counter(" ".join(one.question.split()) for one in wordings[0])
    question = min(texts, key=lambda text: (-texts[text], text))
    return Topic(
        question=_shortened(question),
        count=len(every),
        unanswered=sum(one.unanswered for one in every),
        down_voted=sum(one.down_voted for one in every),
        last_asked=int(max(one.asked for one in every)),
        examples=tuple(_example(own) for own in wordings[:EXAMPLES]),
    )


def _example(wording: Sequence[Asked]) -> Example:
    """Return the newest of one wording, rather one with a comment."""
    one = next((one for one in wording if one.comment), wording[0])
    return Example(
        id=one.id,
        question=_shortened(one.question),
        asked=int(one.asked),
        comment=one.comment,
    )


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
