"""The page a visitor is on, as a hint for the search. Pure.

"How do I reset this?" names nothing; the page it is asked on does. The hint reaches
the search alone: it is no instruction, and the model is never shown it. What it says
is anybody's, as a question is.
"""

import re
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from app.messages import PageHint, Queries
from ingest.keywords.words import words_of

_WORDS = 12
"""Words of a hint that are searched for, at most."""

_SHARES = (0.5, 0.5, 0.4, 0.3, 0.15)
"""Share of the hint in what is searched for, by the terms of the question that
tell something, from none on: one of more says itself what it is about."""

_FILES = re.compile(r"^index(\.\w+)?$|\.(html?|php|aspx?|jsp)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")


def hinted(queries: Queries, page: PageHint) -> Queries:
    """Return `queries` with what a page is about, as far as the question needs that.

    A question that follows another stands on what was said and takes no hint.
    """
    about = about_page(page)
    if not about or not queries.texts or queries.follow_up:
        return queries
    (question, _), *_ = queries.texts
    words = words_of(question, queries.language)
    asked = {term for word in words if not word.common for term in word.terms}
    if len(asked) >= len(_SHARES):
        return queries
    share = _SHARES[len(asked)]
    return replace(
        queries,
        texts=((question, 1 - share), (f"{question} {about}", share)),
        beside=((about, share),),
    )


def about_page(page: PageHint) -> str:
    """Return what a page is about: words of its title, or else of its address."""
    found = _WORD.findall(page.title)
    if not found:
        try:
            path = unquote(urlsplit(page.url).path)
        except ValueError:
            return ""
        parts = [_FILES.sub("", part) for part in path.split("/")]
        found = re.findall(r"[^\W_]+", " ".join(parts))
    return " ".join(found[:_WORDS])
