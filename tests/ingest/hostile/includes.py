"""Documents that ask for a file of this machine, or for a page of a server."""

from collections.abc import Iterator

from tests.ingest.hostile.case import Hostile, Place, fixed
from tests.ingest.hostile.parts import changed, with_end
from tests.ingest.made_files import docx_file, epub_file, odt_file, parts_of, pptx_file

_RELATION = (
    '<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
)


def includes(place: Place) -> Iterator[Hostile]:
    """Yield the files."""
    for name, text in (*_texts(place), *_pages(place)):
        yield Hostile(name, fixed(text.encode()), shown="shown")
    yield from _office(place)


def _texts(place: Place) -> Iterator[tuple[str, str]]:
    secret, address = place.secret, place.address
    for number, line in enumerate(
        (
            *(f"#+INCLUDE: {secret}", f"#+INCLUDE: file:{secret} src"),
            *(f"#+SETUPFILE: {secret}", f"[[file:{secret}]]", f"[[{address}]]"),
            f"#+BEGIN_SRC sh :exports results\ncat {secret}\n#+END_SRC",
        )
    ):
        yield f"include-{number}.org", f"* Top\n\n{line}\n\nThese words are shown.\n"
    for number, lines in enumerate(
        (
            *(f".. include:: {secret}", f".. raw:: html\n   :file: {secret}"),
            *(
                f".. raw:: html\n   :url: {address}",
                f".. csv-table::\n   :file: {secret}",
            ),
            *(f".. csv-table::\n   :url: {address}", f".. image:: {address}"),
            *(f".. literalinclude:: {secret}", f".. figure:: file://{secret}"),
            f".. code::\n   :include: {secret}",
            f".. include:: {secret}\n   :literal:",
            f".. role:: x(raw)\n   :file: {secret}",
            f".. _a: {address}\n\na_",
        )
    ):
        yield f"include-{number}.rst", f"shown\n\n{lines}\n\nshown\n"
    for number, line in enumerate(
        (
            *(f"![]({address})", f"![](file://{secret})", f"{{% include {secret} %}}"),
            *(f"<!--#include file={secret} -->", f"{{{{< include {secret} >}}}}"),
            *(f"!include {secret}", f"--8<-- '{secret}'", f"[[include:{secret}]]"),
            *(f"<img src={address}>", f"```{{.include}}\n{secret}\n```"),
        )
    ):
        yield f"include-{number}.md", f"shown\n\n{line}\n\nshown\n"
    for number, group in enumerate(
        (
            rf"{{\field{{\*\fldinst INCLUDETEXT {secret}}}}}",
            rf"{{\field{{\*\fldinst INCLUDEPICTURE {address}}}}}",
            rf"{{\*\template {address}}}",
            rf"{{\object\objautlink{{\*\objclass x}}{{\*\objdata {secret}}}}}",
        )
    ):
        yield f"include-{number}.rtf", rf"{{\rtf1 shown {group}}}"


def _pages(place: Place) -> Iterator[tuple[str, str]]:
    secret, address = place.secret, place.address
    for number, tag in enumerate(
        (
            *(f"<base href={address}>", f"<link rel=stylesheet href={address}>"),
            *(f"<img src={address}>", f"<iframe src=file://{secret}></iframe>"),
            *(f"<object data={address}></object>", f"<embed src={address}>"),
            *(
                f"<script src={address}></script>",
                f"<style>@import '{address}'</style>",
            ),
            *(
                f"<meta http-equiv=refresh content='0;url={address}'>",
                "<svg onload=x></svg>",
            ),
            *(
                f"<video src={address} poster={address}></video>",
                f"<form action={address}>",
            ),
            *(f"<link rel=import href=file://{secret}>", f"<input src={address}>"),
            *(
                f"<svg><image href='file://{secret}'/></svg>",
                f"<body background={address}>",
            ),
            f"<!--#include virtual='{secret}' -->",
        )
    ):
        yield f"fetch-{number}.html", f"<html>{tag}<p>shown</p></html>"


def _office(place: Place) -> Iterator[Hostile]:
    file = f"file://{place.secret}"
    word = docx_file(("Normal", "shown"))
    name = "word/_rels/document.xml.rels"
    before = parts_of(word)[name]
    for kind in ("attachedTemplate", "image", "oleObject", "subDocument", "aFChunk"):
        for number, target in enumerate((place.address, file)):
            more = _RELATION.format(kind=kind, target=target)
            data = changed(word, {name: with_end(before, "</Relationships>", more)})
            yield Hostile(f"{kind}-{number}.docx", fixed(data), shown="shown")
    deck = pptx_file(("shown", "x"))
    name = "ppt/slides/_rels/slide1.xml.rels"
    more = _RELATION.format(kind="video", target=place.address)
    data = changed(
        deck, {name: with_end(parts_of(deck)[name], "</Relationships>", more)}
    )
    yield Hostile("video.pptx", fixed(data), shown="shown")
    for number, source in enumerate((file, place.address, place.secret, "../../../x")):
        book = epub_file(f"<p>shown words</p><img src='{source}'/>")
        yield Hostile(f"fetch-{number}.epub", fixed(book), shown="shown")
        text = odt_file(
            "<text:p>shown</text:p><text:section text:name='x'><text:section-source "
            f"xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href='{source}'/>"
            "</text:section>"
        )
        yield Hostile(f"fetch-{number}.odt", fixed(text), shown="shown")
