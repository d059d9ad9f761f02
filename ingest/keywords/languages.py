"""How the words of each language become terms: the one table, and its reasons.

A word of an alphabet is a stem and its 4-grams (`words.py`), and every script
without spaces is pairs of signs, whatever the language. This table holds what is
left to a language: its stemmer, whether accents part words, how much neighbours say.
Measured in docs/languages.md.
"""

from msgspec import Struct


class Morphology(Struct, frozen=True, kw_only=True):
    """What tells the words of a language apart.

    Attributes:
        stemmer: Snowball's algorithm; "" if it has none, and words are cut.
        grams: Words are also their 4-grams.
        tones: Accents make other words, so that they stay on the stem.
        pair_weight: Weight of two neighbouring words of a question, where one word
            has 1. Where a word is written in one piece they earn nothing.
    """

    stemmer: str = ""
    grams: bool = True
    tones: bool = False
    pair_weight: float = 0.0


LANGUAGES: dict[str, Morphology] = {
    "ar": Morphology(stemmer="arabic"),
    # One language to a stemmer, whatever its name and its alphabet.
    "bs": Morphology(stemmer="serbian"),
    "ca": Morphology(stemmer="catalan"),
    "cs": Morphology(stemmer="czech"),
    "da": Morphology(stemmer="danish"),
    "de": Morphology(stemmer="german"),
    "el": Morphology(stemmer="greek"),
    # Few endings and compounds, and the usual embedding model knows the rest: grams
    # would double the index for what is within the noise.
    "en": Morphology(stemmer="english", grams=False),
    "eo": Morphology(stemmer="esperanto"),
    "es": Morphology(stemmer="spanish"),
    "et": Morphology(stemmer="estonian"),
    "eu": Morphology(stemmer="basque"),
    "fa": Morphology(stemmer="persian"),
    "fi": Morphology(stemmer="finnish"),
    "fr": Morphology(stemmer="french"),
    "ga": Morphology(stemmer="irish"),
    "hi": Morphology(stemmer="hindi"),
    "hr": Morphology(stemmer="serbian"),
    "hu": Morphology(stemmer="hungarian"),
    "hy": Morphology(stemmer="armenian"),
    "id": Morphology(stemmer="indonesian"),
    "it": Morphology(stemmer="italian"),
    # Signs have no stems, and the words among them are English.
    "ja": Morphology(stemmer="english"),
    "ko": Morphology(stemmer="english"),
    "lt": Morphology(stemmer="lithuanian"),
    "nb": Morphology(stemmer="norwegian"),
    "ne": Morphology(stemmer="nepali"),
    "nl": Morphology(stemmer="dutch"),
    "nn": Morphology(stemmer="norwegian"),
    "no": Morphology(stemmer="norwegian"),
    "pl": Morphology(stemmer="polish"),
    "pt": Morphology(stemmer="portuguese"),
    "ro": Morphology(stemmer="romanian"),
    "ru": Morphology(stemmer="russian"),
    "sr": Morphology(stemmer="serbian"),
    "sv": Morphology(stemmer="swedish"),
    "ta": Morphology(stemmer="tamil"),
    "th": Morphology(stemmer="english"),
    "tr": Morphology(stemmer="turkish"),
    # Spaces part syllables here: most words are two of them, told apart by tones.
    "vi": Morphology(tones=True, pair_weight=0.5),
    "yi": Morphology(stemmer="yiddish"),
    "zh": Morphology(stemmer="english"),
}

# Most text of unknown language is English, or quotes it; if not, grams find it.
_UNKNOWN = Morphology(stemmer="english")
_OTHER = Morphology()


def morphology(language: str) -> Morphology:
    """Return how words of `language`, an ISO 639-1 code or "", become terms."""
    return LANGUAGES.get(language, _OTHER) if language else _UNKNOWN
