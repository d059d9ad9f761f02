"""Tokens of visitors' sessions."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.keys import new_id
from app.access.sessions import (
    SECONDS,
    issue,
    key_id_of,
    looks_like_token,
    read,
    secret_of,
)

KEY_ID = new_id("key_")
SECRET = secret_of("a" * 64, "pepper")
SESSION = new_id("sess_")
NOW = 1_790_000_000.0
GOOD: dict[str, Any] = {
    "aud": "frontdesk-session",
    "sub": SESSION,
    "iat": int(NOW),
    "exp": int(NOW) + 900,
}


def signed(claims: dict[str, Any], algorithm: str = "HS256", **header: Any) -> str:
    return jwt.encode(claims, SECRET, algorithm, headers={"kid": KEY_ID, **header})


def test_a_token_tells_its_key_its_session_and_its_end() -> None:
    token = issue(SESSION, key_id=KEY_ID, secret=SECRET, now=NOW)

    found = read(token, SECRET)

    assert looks_like_token(token)
    assert key_id_of(token) == KEY_ID
    assert found
    assert (found.id, found.expires) == (SESSION, NOW + SECONDS)
    assert SECONDS <= 15 * 60


def test_a_token_written_by_hand_as_ours_are_is_read() -> None:
    assert read(signed(GOOD), SECRET)


@pytest.mark.parametrize("missing", GOOD)
def test_a_token_that_leaves_something_out_is_none(missing: str) -> None:
    left = {name: value for name, value in GOOD.items() if name != missing}

    assert read(signed(left), SECRET) is None


@pytest.mark.parametrize(
    "other",
    [
        {"aud": "another"},
        {"aud": ["another"]},
        {"exp": int(NOW) + 901},
        {"exp": int(NOW) - 1},
        {"exp": 4_000_000_000},
        {"exp": "soon"},
        {"exp": 1e300},
        {"iat": "x"},
        {"sub": ""},
        {"sub": "sess_" + "é" * 24},
        {"sub": "' OR 1=1 --"},
        {"sub": 7},
        {"sub": None},
    ],
)
def test_a_token_that_says_something_else_is_none(other: dict[str, Any]) -> None:
    token = jwt.api_jws.encode(
        json.dumps(GOOD | other).encode(), SECRET, "HS256", {"kid": KEY_ID}
    )

    assert read(token, SECRET) is None


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_under_the_right_secret_is_refused(algorithm: str) -> None:
    secret = SECRET * 2
    token = jwt.encode(GOOD, secret, algorithm, headers={"kid": KEY_ID})

    assert read(token, secret) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "RS256", ""])
def test_an_unsigned_token_is_refused_whatever_it_says(algorithm: str) -> None:
    def part(value: dict[str, Any]) -> str:
        encoded = base64.urlsafe_b64encode(json.dumps(value).encode())
        return encoded.rstrip(b"=").decode()

    header = part({"alg": algorithm, "typ": "JWT", "kid": KEY_ID})

    assert read(f"{header}.{part(GOOD)}.", SECRET) is None
    assert read(f"{header}.{part(GOOD)}", SECRET) is None


def test_a_token_of_another_key_or_another_pepper_is_refused() -> None:
    token = issue(SESSION, key_id=KEY_ID, secret=SECRET, now=NOW)
    others = {
        secret_of("b" * 64, "pepper"),
        secret_of("a" * 64, "other"),
        secret_of("a" * 64, ""),
    }

    assert len(others | {SECRET}) == 4
    assert {read(token, secret) for secret in others} == {None}


@given(place=st.integers(0, 250), other=st.characters(codec="utf-8"))
def test_a_token_with_another_letter_is_none_or_means_the_same(
    place: int, other: str
) -> None:
    token = issue(SESSION, key_id=KEY_ID, secret=SECRET, now=NOW)
    changed = token[:place] + other + token[place + 1 :]

    found = read(changed, SECRET)

    # The last letter of a part holds bits that mean nothing.
    assert found is None or found == read(token, SECRET)


@given(st.text())
def test_any_text_at_all_is_no_token(text: str) -> None:
    assert key_id_of(text) is None
    assert read(text, SECRET) is None


@pytest.mark.parametrize(
    "kid", ["", "key_", "../../etc/passwd", "key_" + "a" * 23, "' OR 1=1", 7, None, {}]
)
def test_a_key_that_cannot_be_is_not_looked_for(kid: Any) -> None:
    header = {"alg": "HS256", "typ": "JWT", "kid": kid}
    encoded = (
        base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    )
    rest = signed(GOOD).split(".", 1)[1]

    assert key_id_of(f"{encoded}.{rest}") is None


def test_a_token_of_this_moment_is_not_over() -> None:
    token = issue(SESSION, key_id=KEY_ID, secret=SECRET, now=time.time())

    found = read(token, SECRET)

    assert found
    assert 0 < found.expires - time.time() <= SECONDS
