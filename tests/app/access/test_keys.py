"""The text of a key, and what is kept of it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.access.keys import digest_of, id_of, new_text

PLACES = st.integers(0, 76)


def test_a_key_names_its_kind_and_its_id() -> None:
    secret, widget = new_text("secret"), new_text("widget")

    assert re.fullmatch(r"rk_[0-9A-Za-z]{24}_[0-9A-Za-z]{49}", secret)
    assert re.fullmatch(r"wk_[0-9A-Za-z]{24}_[0-9A-Za-z]{49}", widget)
    assert id_of(secret) == f"key_{secret[3:27]}"


def test_no_two_keys_are_alike() -> None:
    made = [new_text("secret") for _ in range(200)]

    assert len({id_of(text) for text in made}) == 200
    assert len({text[28:71] for text in made}) == 200


@given(place=PLACES, other=st.characters(codec="utf-8"))
def test_a_key_with_another_letter_is_no_key(place: int, other: str) -> None:
    text = new_text("secret")
    changed = text[:place] + other + text[place + 1 :]

    assert (id_of(changed) is None) == (changed != text)


@given(length=PLACES)
def test_a_key_that_was_cut_is_no_key(length: int) -> None:
    assert id_of(new_text("widget")[:length]) is None


@given(st.text())
def test_what_is_no_key_has_no_id_and_yet_a_digest(text: str) -> None:
    assert id_of(text) is None
    assert re.fullmatch(r"[0-9a-f]{64}", digest_of(text, ""))
    assert re.fullmatch(r"[0-9a-f]{64}", digest_of(text, "pepper"))


def test_a_digest_depends_on_the_key_and_on_the_pepper() -> None:
    key, other = new_text("secret"), new_text("secret")

    digests = {
        digest_of(text, pepper) for text in (key, other) for pepper in ("", "a", "b")
    }

    assert len(digests) == 6
    assert digest_of(key, "a") == digest_of(key, "a")
