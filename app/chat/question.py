"""What a conversation asks, and what to search for. Pure functions.

A follow-up such as "and on Business?" is searched for twice: as it stands, and
with the beginning of the answer it follows, which names the subject.
"""

import re
from collections.abc import Sequence

from app.chat.language import guess_language
from app.messages import Message, Queries

_ALONE = 0.4
"""Share of the bare question in the vector of a follow-up."""

_ANSWER_WORDS = 25
"""Words of the previous answer that name the subject."""

_EARLIER = 0.2
"""Weight of the terms of the user's previous turn."""

_DECAY = 0.7
"""What is left of that weight a turn further back."""

_TURNS = 8
"""Earlier turns whose terms count; of those before, less than a hundredth is left."""

_LONGEST = 160
"""Words, or signs of a script without spaces, of a message that are searched for."""

_FAR = 20_000
"""Characters at each end of a text that are looked at."""

_POLITE_WORDS = 6
"""Words of the longest greeting."""
_POLITE_LENGTH = 200

_WORD = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    "|[^\\s\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,24}"
)
_MARKER = re.compile(r" ?[\[【][\d,; ]{1,12}[\]】]")

_COURTESIES = (
    "hello hi hey hiya howdy greetings morning afternoon evening thanks thank thx "
    "cheers bye goodbye okay ok great perfect hallo moin servus abend danke tschüss "
    "bonjour salut bonsoir merci hola buenos buenas gracias adiós ciao buongiorno "
    "buonasera salve grazie olá oi bom boa obrigado obrigada goedemorgen hoi bedankt "
    "dank こんにちは こんばんは おはよう おはようございます ありがとう ありがとうございます "
    "你好 您好 谢谢 早上好 привет здравствуйте спасибо добрый مرحبا شكرا السلام"
)
"""Words that greet or thank."""

_BESIDE_COURTESIES = (
    "good day there you very much so a lot cool guten tag morgen vielen schön "
    "super beaucoup au revoir días tardes noches muchas mille dia tarde noite muito "
    "goedemiddag goedenavond je wel dag большое день عليكم"
)
"""Words that stand beside them and say nothing alone."""


def asked(messages: Sequence[Message]) -> int | None:
    """Return the position of the last user message, or None if there is none."""
    positions = (i for i, message in enumerate(messages) if message.role == "user")
    return max(positions, default=None)


def queries(messages: Sequence[Message]) -> Queries:
    """Return what to search for on behalf of the last user message.

    Tool results and an answer begun after it change nothing; what a system or
    developer message says is never searched for.

    Source:
        The weights were measured on multi-turn questions: no gate on pronouns or
        on length, and no rewriting by hand, did better.
    """
    last = asked(messages)
    question = _clipped(messages[last].text) if last is not None else ""
    # Signs alone hold no term that could be missing: every hit would seem to answer.
    if last is None or not any(map(str.isalnum, question)):
        return Queries()
    before = messages[:last]
    language = guess_language(question)
    answer = _subject(before)
    said = [m.text for m in before if m.role == "user"][-_TURNS:]
    earlier = [_clipped(text) for text in reversed(said)]
    keywords = [(question, 1.0)] + [
        (text, _EARLIER * _DECAY**turn) for turn, text in enumerate(earlier) if text
    ]
    texts = [(question, 1.0)]
    if answer:
        texts = [(question, _ALONE), (f"{question} {answer}", 1 - _ALONE)]
    return Queries(
        texts=tuple(texts),
        keywords=tuple(keywords),
        language=language or _language_before(earlier),
        follow_up=len(texts) > 1 or len(keywords) > 1,
    )


def is_small_talk(text: str) -> bool:
    """Return whether `text` greets or thanks and asks nothing."""
    if len(text.strip()) > _POLITE_LENGTH:
        return False
    words = re.findall(r"[^\W\d_]+", text.lower())
    courtesies = set(_COURTESIES.split())
    polite = courtesies.union(_BESIDE_COURTESIES.split())
    return (
        len(words) <= _POLITE_WORDS
        and not re.search(r"[?？\d]", text)
        and not courtesies.isdisjoint(words)
        and polite.issuperset(words)
    )


def _language_before(earlier: Sequence[str]) -> str:
    """Return the language of the last earlier turn that shows one, or ""."""
    return next(filter(None, map(guess_language, earlier)), "")


def _subject(before: Sequence[Message]) -> str:
    """Return the beginning of the last answer in words, without its markers."""
    answers = (m.text for m in reversed(before) if m.role == "assistant")
    answer = _MARKER.sub("", next(filter(None, answers), "")[:_FAR])
    words = list(_WORD.finditer(answer))[:_ANSWER_WORDS]
    return answer[: words[-1].end()].strip() if words else ""


def _clipped(text: str) -> str:
    """Return `text`, or its two ends: what a long message asks stands at one."""
    if len(text) > 2 * _FAR:
        # A million characters are not worth looking at each.
        text = f"{text[:_FAR]} {text[-_FAR:]}"
    words = list(_WORD.finditer(text))
    if len(words) <= _LONGEST:
        return text.strip()
    half = _LONGEST // 2
    head, tail = text[: words[half - 1].end()], text[words[-half].start() :]
    return f"{head.strip()} … {tail.strip()}"
