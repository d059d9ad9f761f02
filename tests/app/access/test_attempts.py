"""How many wrong keys an address may show."""

import sys
import time

from app.access.attempts import Attempts


def test_an_address_must_wait_after_its_attempts_are_spent() -> None:
    attempts = Attempts(3)
    waits = []
    for _ in range(4):
        waits.append(attempts.wait("192.0.2.1"))
        attempts.note("192.0.2.1")

    assert waits[:3] == [0, 0, 0]
    assert 0 < waits[3] <= 20
    assert attempts.wait("192.0.2.2") == 0


def test_an_attempt_comes_back_in_its_part_of_a_minute() -> None:
    attempts = Attempts(600)
    for _ in range(600):
        attempts.note("192.0.2.1")
    time.sleep(0.15)

    assert attempts.wait("192.0.2.1") == 0


def test_any_number_may_be_shown_where_none_is_counted() -> None:
    attempts = Attempts(0)
    for _ in range(100):
        attempts.note("192.0.2.1")

    assert attempts.wait("192.0.2.1") == 0


def test_one_who_chooses_among_addresses_of_ipv6_is_one() -> None:
    attempts = Attempts(1)
    attempts.note("2001:db8:1:2::1")

    assert attempts.wait("2001:db8:1:2:ffff::9") > 0
    assert attempts.wait("2001:db8:1:3::1") == 0


def test_an_address_is_the_same_in_both_notations() -> None:
    attempts = Attempts(1)
    attempts.note("::ffff:192.0.2.1")

    assert attempts.wait("192.0.2.1") > 0


def test_memory_is_bounded_however_many_addresses_there_are() -> None:
    attempts = Attempts(1)
    for number in range(20_000):
        attempts.note(f"10.0.{number // 256}.{number % 256}")

    assert len(attempts._left) == 10_000
    assert sys.getsizeof(attempts._left) < 2_000_000
    assert attempts.wait("10.0.78.31") > 0
