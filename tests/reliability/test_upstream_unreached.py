"""An upstream that cannot be reached: nobody there, no such name, not secure."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.reliability.recording import Seen
from tests.reliability.upstreams import ask, desk, row
from tests.scripted_upstream import ScriptedUpstream, either

AWAY = "503 upstream_unavailable, Retry-After 5"
TLS = "502 upstream_error, x-should-retry false"


@contextmanager
def refusing() -> Iterator[str]:
    """Yield an address that refuses connections, and that nobody else gets."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1"


@contextmanager
def swallowing() -> Iterator[str]:
    """Yield an address where connecting hangs: nobody takes what is waiting there."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for caller in waiting:
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        try:
            yield f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        finally:
            for caller in waiting:
                caller.close()


@pytest.mark.row("U1", "refused", AWAY)
def test_nobody_listening_is_told_after_two_retries(seen: Seen) -> None:
    for stream in (False, True):
        # A service of its own for each: after five calls in a row it no longer tries.
        with refusing() as url, desk(url) as address:
            start = time.monotonic()
            told = ask(address, stream=stream)
            took = time.monotonic() - start

        seen(f"{told} after {took:.1f} s")
        assert str(told) == AWAY
        # Two waits of 0.2 s at least lie in between.
        assert took >= 0.4
        assert url not in told.raw


@pytest.mark.row("U1", "refused, and another endpoint", "200 of the other")
def test_another_endpoint_answers_for_one_that_refuses(seen: Seen) -> None:
    with (
        refusing() as url,
        ScriptedUpstream(either("Hello")) as other,
        desk(url, other.url) as address,
    ):
        both = [ask(address, stream=stream) for stream in (False, True)]

    seen(both[1])
    assert [told.text for told in both] == ["Hello", "Hello"]


@pytest.mark.row("U1", "connecting hangs", f"{AWAY}, after 3 s, 1 try")
def test_connecting_takes_three_seconds_at_most(seen: Seen) -> None:
    with swallowing() as url, desk(url, first_byte_timeout=30.0) as address:
        start = time.monotonic()
        told = ask(address, stream=True)
        took = time.monotonic() - start

    seen(f"{told} after {took:.1f} s")
    assert str(told) == AWAY
    # A second try would take three seconds more.
    assert 2.5 < took < 6


class Names:
    """Names that are looked up here: those that were, and when none hangs any more."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.over = threading.Event()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Look two names up here: one does not exist, one takes 30 s."""
    found = Names()
    look_up = socket.getaddrinfo

    def looked_up(host: Any, *given: Any, **named: Any) -> Any:
        if str(host).endswith(".example"):
            found.asked.append(str(host))
            if str(host).startswith("hangs"):
                found.over.wait(30)
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return found


@pytest.mark.parametrize(
    ("expected", "name", "lookups"),
    [row("U2", "no such name", AWAY, "gone.example", 2),
     row("U2", "looking it up hangs for 30 s", AWAY, "hangs.example", 1)],
)  # fmt: skip
def test_a_name_that_cannot_be_looked_up_is_told_in_three_seconds(
    expected: str,
    name: str,
    lookups: int,
    seen: Seen,
    names: Names,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with desk(f"http://{name}/v1", loop="asyncio", first_byte_timeout=20.0) as address:
        start = time.monotonic()
        told = ask(address, stream=True)
        took = time.monotonic() - start
        names.over.set()

    seen(f"{told} after {took:.1f} s")
    assert str(told) == expected
    # Three seconds, and what a busy machine takes.
    assert took < 7
    assert len(names.asked) == lookups
    assert "name cannot be looked up" in caplog.text


def tls(kind: str) -> tuple[ssl.SSLContext, trustme.CA]:
    """Return a server's TLS that is wrong in one way, and the authority behind it."""
    authority = trustme.CA()
    names = ["elsewhere.example"] if kind == "wrong name" else ["127.0.0.1"]
    until = datetime(2020, 1, 1, tzinfo=UTC) if kind == "expired" else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, not_after=until).configure_cert(context)
    if kind == "self-signed":
        pems = (authority.private_key_pem, authority.cert_pem)
        with trustme.Blob(b"".join(pem.bytes() for pem in pems)).tempfile() as both:
            context.load_cert_chain(both)
    return context, authority


@pytest.mark.parametrize(
    ("expected", "kind"),
    [
        row("U3", "expired", f"{TLS}; the log: certificate has expired", "expired"),
        row("U3", "wrong name", f"{TLS}; the log: IP address mismatch", "wrong name"),
        row("U3", "self-signed", f"{TLS}; the log: self-signed", "self-signed"),
        row("U3", "an unknown authority", f"{TLS}; the log: local issuer", "unknown"),
    ],
)  # fmt: skip
def test_a_connection_that_is_not_secure_is_not_made(
    expected: str,
    kind: str,
    seen: Seen,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    context, authority = tls(kind)
    if kind not in ("self-signed", "unknown"):
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    caplog.set_level(logging.WARNING)
    with (
        ScriptedUpstream(either("Hello"), tls=context) as upstream,
        desk(upstream.url) as address,
    ):
        both = {str(ask(address, stream=stream)) for stream in (False, True)}

    reason = expected.partition("the log: ")[2]
    known = "TLS: " in caplog.text and reason in caplog.text
    logged = reason if known else caplog.text
    seen(f"{'; '.join(both)}; the log: {logged}")
    assert {f"{told}; the log: {logged}" for told in both} == {expected}
    assert upstream.requests == []
    assert upstream.connections <= 2


@contextmanager
def speaking(answer: bytes) -> Iterator[str]:
    """Yield an address that says `answer` to whatever it is told, and closes."""

    def speak() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listening.accept()
                with caller:
                    caller.recv(4096)
                    caller.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=speak)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("expected", "answer"),
    [row("U3", "no TLS at the port", TLS, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
     # Fatal, protocol version, as a server of TLS 1.1 says it.
     row("U3", "an old protocol", TLS, b"\x15\x03\x01\x00\x02\x02\x46")],
)  # fmt: skip
def test_a_port_that_speaks_another_language_is_not_asked_again(
    expected: str, answer: bytes, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    with speaking(answer) as url, desk(url) as address:
        told = ask(address, stream=True)

    seen(told)
    assert str(told) == expected
    assert "TLS: " in caplog.text


@pytest.mark.row("U3", "an authority of one's own", "200: SSL_CERT_FILE names it")
def test_an_authority_of_ones_own_is_trusted_if_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: Seen
) -> None:
    context, authority = tls("right")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with (
        ScriptedUpstream(either("Hello"), tls=context) as upstream,
        desk(upstream.url) as address,
    ):
        told = ask(address, stream=True)

    seen(told)
    assert told.text == "Hello"
