"""What a text is measured in: word pieces, unless they are no words' pieces. Pure.

A model that knows English spells Arabic and Russian letter by letter. Counted so, a
paragraph becomes four chunks, of which the model understands none, and the keywords,
which must find it alone, are torn apart. There a text is measured in pieces as long as
those of a language that the model knows; its vector sees only the beginning.
"""

import re
from collections.abc import Sequence

from ingest.chunking.drafts import Offsets

_SAMPLE = 4000
"""Characters by which a document is judged."""

_SPELLED = 1.5
"""Letters a word piece has on average, below which words are spelled."""

_FOREIGN = re.compile("[^\x00-\u024f]")
"""What is not Latin: every model knows some language that is written so."""

# Of Chinese, Japanese, Korean, Thai and their like each sign is a piece in every model.
_SIGN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
_PIECE = re.compile(rf"[{_SIGN}]|(?:(?![{_SIGN}])\w){{1,4}}|[^\w\s]")


def measure(offsets: Offsets, text: str) -> Offsets:
    """Return what finds the pieces that texts such as `text` are measured in.

    Args:
        offsets: Finds the word pieces of the embedding model.
        text: The document's, or its beginning.
    """
    sample = text[:_SAMPLE]
    strange = sum(map(str.isalpha, _FOREIGN.findall(sample)))
    # Numbers and codes are many pieces in every model.
    if 2 * strange < sum(map(len, sample.split())) or not strange:
        return offsets
    letters = sum(map(str.isalpha, sample))
    (pieces,) = offsets([sample])
    return _pieces if letters < _SPELLED * len(pieces) else offsets


def _pieces(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Return the places of signs, and of at most four letters in a row."""
    return [[found.span() for found in _PIECE.finditer(text)] for text in texts]
