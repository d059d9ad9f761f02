"""Sends thousands of calls of one tenant at what another has, and counts what leaks."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
from msgspec import Struct, field

from tests.isolation.calls import Call
from tests.isolation.desk import ORIGIN, Desk, Party
from tests.isolation.probes import ATTACKS

_UNKNOWN = {
    "source": "00000000-0000-5000-8000-000000000000",
    "staff_source": "00000000-0000-5000-8000-000000000001",
    "document": "00000000-0000-5000-8000-000000000002",
    "conversation": "conv_000000000000000000000000",
    "turn": "chatcmpl-000000000000000000000000",
    "user": "nobody",
    "key": "key_000000000000000000000000",
    "file": "canary0000000000000000.md",
    "run": "run_000000000000000000000",
}
"""Ids that are well-formed and name nothing."""


class Tally(Struct, kw_only=True):
    """What came of many calls.

    Attributes:
        sent: Calls.
        foreign: Calls that named something of another tenant.
        leaks: Answers with a word that the caller must not be shown.
        wrong: Answers to foreign ids with another status than 404, and 5xx.
        covered: Calls by operation.
    """

    sent: int = 0
    foreign: int = 0
    leaks: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    covered: Counter[tuple[str, str]] = field(default_factory=Counter)


def operations(address: str) -> set[tuple[str, str]]:
    """Return every operation of the service's own description."""
    paths = httpx.get(f"{address}/openapi.json", timeout=30).json()["paths"]
    return {(method, path) for path, item in paths.items() for method in item}


def probe(desk: Desk, *, calls: int, seed: int) -> Tally:
    """Send `calls` random calls, each of one tenant at another's things."""
    dice = random.Random(seed)
    tally = Tally()
    every = sorted(ATTACKS)
    with httpx.Client(base_url=desk.address, timeout=60) as http:
        for number in range(calls):
            operation = every[number % len(every)]
            me, victim = dice.sample(desk.parties, 2)
            call = dice.choice(list(ATTACKS[operation]))(me, victim, dice)
            reply = send(http, me, call)
            _judge(tally, desk, me, call, reply)
            tally.covered[operation] += 1
    return tally


def differences(desk: Desk) -> Iterator[str]:
    """Yield where another tenant's id is answered otherwise than one that is nobody's."""
    me, victim = desk.parties[:2]
    nobody = _with_ids(victim, _UNKNOWN)
    with httpx.Client(base_url=desk.address, timeout=60) as http:
        for operation, attacks in ATTACKS.items():
            for number, attack in enumerate(attacks):
                theirs, none = (
                    attack(me, whom, random.Random(7)) for whom in (victim, nobody)
                )
                if not theirs.foreign:
                    continue
                first, second = (send(http, me, call) for call in (theirs, none))
                if _told(first, victim.ids) != _told(second, nobody.ids):
                    yield f"{operation} {number}: {first.text} is not {second.text}"


def send(http: httpx.Client, me: Party, call: Call) -> httpx.Response:
    """Send a call as `me`."""
    headers = {"authorization": f"Bearer {me.key}", **call.headers}
    if call.widget:
        headers |= {"authorization": f"Bearer {me.widget}", "origin": ORIGIN}
    if call.session:
        headers |= {"authorization": f"Bearer {me.session}", "origin": ORIGIN}
    return http.request(call.method, call.path, json=call.body, headers=headers)


def _judge(
    tally: Tally, desk: Desk, me: Party, call: Call, reply: httpx.Response
) -> None:
    tally.sent += 1
    said = f"{reply.text} {reply.headers}"
    what = f"{me.shelf.tenant} {call.method} {call.path} {call.body}"
    for word in _forbidden(desk.parties, me, call):
        if word in said:
            tally.leaks.append(f"{what}: {word}")
    if reply.status_code >= 500:
        tally.wrong.append(f"{what}: {reply.status_code} {reply.text}")
    if call.foreign:
        tally.foreign += 1
        if reply.status_code != 404:
            tally.wrong.append(f"{what}: {reply.status_code} {reply.text}")


def _forbidden(parties: Iterable[Party], me: Party, call: Call) -> Iterator[str]:
    """Yield the words that `me` must not be shown."""
    yield me.shelf.staff
    for party in parties:
        if party is not me:
            yield from party.canaries
    if call.session:
        # Of their own tenant, visitors see its documents and nothing else.
        yield from me.canaries - set(me.shelf.canaries)


def _with_ids(party: Party, ids: dict[str, str]) -> Party:
    from msgspec.structs import replace

    return replace(party, ids=ids)


def _told(reply: httpx.Response, ids: dict[str, str]) -> tuple[int, Any]:
    """Return status and body without the ids that were asked for."""
    text = reply.text
    for id_ in ids.values():
        text = text.replace(id_, "…")
    return reply.status_code, text
