import itertools
from typing import get_args

from app.chat.phrases import Phrase, phrase

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "ja", "zh", "ru", "ar")


def test_every_language_has_every_phrase_in_its_own_words() -> None:
    said = [
        phrase(which, language)
        for language, which in itertools.product(LANGUAGES, get_args(Phrase))
    ]

    assert all(said)
    assert len(set(said)) == len(said)


def test_other_languages_are_answered_in_english() -> None:
    assert phrase("unknown", "xx") == phrase("unknown", "en") == phrase("unknown", "")
