from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ReadError
from ingest.readers.mail import read_mail


def message(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Probe größer als 5 °C"
    mail["From"] = "Åse <ase@ostrel.example>"
    mail["Date"] = "Mon, 02 Nov 2026 08:00:00 +0100"
    for name, value in headers.items():
        mail[name] = value
    return mail


def test_a_message_stands_under_its_subject() -> None:
    mail = message()
    mail.set_content("Hello,\n\nthe probe reads too high.\n\n- one\n- two\n")

    reading = read_mail("a.eml", bytes(mail))

    path = ("Probe größer als 5 °C",)
    assert reading.title == path[0]
    assert [(e.kind, e.text, e.heading_path) for e in reading.elements] == [
        ("title", path[0], path),
        (
            "text",
            "From: Åse <ase@ostrel.example>\nDate: Mon, 02 Nov 2026 08:00:00 +0100",
            path,
        ),
        ("text", "Hello,", path),
        ("text", "the probe reads too high.", path),
        ("list", "- one\n- two", path),
    ]
    for element in reading.elements:
        assert element.text == reading.text[element.start : element.end]
    assert not reading.verbatim


def test_the_plain_part_is_preferred() -> None:
    mail = message()
    mail.set_content("plain words")
    mail.add_alternative("<p>html words</p>", subtype="html")

    assert read_mail("a.eml", bytes(mail)).text.endswith("plain words")


def test_a_message_in_html_alone_is_read_as_a_page() -> None:
    mail = message()
    mail.set_content(
        "<h1>Reset</h1><p>Hold it.</p><p style='display:none'>SECRET</p>", "html"
    )

    reading = read_mail("a.eml", bytes(mail))

    assert reading.elements[-1].heading_path == ("Probe größer als 5 °C", "Reset")
    assert reading.text.endswith("Reset\n\nHold it.")


def test_attachments_are_named_and_not_read() -> None:
    mail = message()
    mail.set_content("see below")
    mail.add_attachment("SECRET", filename="notes.txt")
    mail.add_attachment(b"x", maintype="image", subtype="png", filename="a.png")

    reading = read_mail("a.eml", bytes(mail))

    assert reading.warnings == ("the attachment notes.txt was not read",)
    assert "SECRET" not in reading.text


def test_encodings_are_undone() -> None:
    data = (
        b"Subject: =?koi8-r?B?8NLJ18XU?=\nContent-Type: text/plain; charset=cp1251\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=EF=F0=E8=E2=E5=F2\n"
    )

    assert read_mail("a.eml", data).text == "Привет\n\nпривет"


@pytest.mark.parametrize("data", [b"\xff\xfe garbage", b"", b"just words\n\nand more"])
def test_what_is_no_mail_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError, match="no mail"):
        read_mail("a.eml", data)


@given(
    st.lists(
        st.sampled_from(
            [
                *(b"Subject: ", b"=?x?q?=", b"=?utf-8?b?AA", b"?=", b"\n", b"\n\n"),
                *(b"Content-Type: ", b"multipart/mixed; boundary=b\n", b"--b\n"),
                *(b"--b--\n", b"text/html\n", b"text/plain; charset=", b"utf-7\n"),
                *(b"Content-Disposition: ", b"attachment; filename*=x''%", b"\xff"),
                *(b"Content-Transfer-Encoding: base64\n", b"message/rfc822\n", b"a:"),
            ]
        ),
        max_size=20,
    ).map(b"".join)
)
def test_broken_mail_is_read_or_refused(data: bytes) -> None:
    try:
        reading = read_mail("a.eml", b"From: a\n" + data)
    except ReadError:
        return
    assert reading.text.startswith(("From: a", reading.title))
