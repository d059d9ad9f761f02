"""Ways to hide text in characters, Markdown and other plain formats."""

import json
import quopri

from tests.reliability.hidden_text import (
    Carrier,
    Make,
    bits,
    private,
    selectors,
    tags,
)


def _characters(order: str) -> dict[str, str]:
    return {
        "tag letters": tags(order),
        "selectors": "🙂" + selectors(order),
        "private use": private(order),
        "private use, far plane": private(order, 0xF0000),
        "zero-width bits": bits(order, "\u200b", "\u200c"),
        "joiner bits": bits(order, "\u2060", "\ufeff"),
        "bidirectional bits": bits(order, "\u202a", "\u202c"),
        "isolate bits": bits(order, "\u2066", "\u2069"),
        "soft hyphen bits": bits(order, "\u00ad", "\u180e"),
        "flag of tags": "\U0001f3f4" + tags(order) + "\U000e007f",
        "flag of flags": "".join(
            f"\U0001f3f4{tags(order[n : n + 5])}\U000e007f"
            for n in range(0, len(order), 5)
        ),
        "selectors after Han": "".join(f"字{c}" for c in selectors(order)),
    }


def _written(file: str, kind: str, form: str, *, escaped: bool = False) -> Make:
    def make(order: str, shown: str) -> bytes:
        hidden = _characters(order)[kind]
        if escaped:
            hidden = json.dumps(hidden)[1:-1]
        return form.format(s=shown, o=hidden).encode()

    return make


_FORMS = {
    "a.txt": "{s} and so on{o}.\n",
    "a.md": "# Reset{o}\n\n{s} and so on{o}.\n",
    "a.html": "<title>Hub{o}</title><h1>Reset{o}</h1><p>{s} and{o} so on.</p>",
    "a.csv": "name,what\nhub,{s}{o}\nsensor,small\n",
    "a.rst": "Reset{o}\n==========================================\n\n{s} and{o}.\n",
    "a.json": '{{"title": "Hub{o}", "text": "{s} and{o} so on"}}',
    "a.eml": "From: a@b.c\nSubject: Hub{o}\nContent-Type: text/plain; "
             "charset=utf-8\n\n{s}{o}\n",
    "a.rtf": "",
}  # fmt: skip

_KINDS = tuple(_characters("x"))


def _references(order: str, shown: str) -> bytes:
    hidden = "".join(f"&#x{ord(c):X};" for c in tags(order))
    return f"# Reset\n\n{shown} and so on{hidden}.\n".encode()


def _references_in_page(order: str, shown: str) -> bytes:
    hidden = "".join(f"&#{ord(c)};" for c in tags(order))
    return f"<p>{shown} and so on{hidden}.</p>".encode()


def _form(form: str) -> Make:
    # Within single quotes an apostrophe would end what is quoted, and show the rest.
    quoted = "'{o}'" in form

    def make(order: str, shown: str) -> bytes:
        said = order.replace("'", "\\'") if quoted else order
        return form.format(s=shown, o=said).encode()

    return make


MARKDOWN = {
    "attribute of a tag that never ends": "{s}\n\n<div>\n<a title='{o}'",
    "comment": "{s}\n\n<!-- {o} -->\n\nEnd.\n",
    "comment inside": "{s} <!-- {o} --> and so on.\n",
    "comment, unclosed": "{s}\n\n<!-- {o}\n",
    "comment in a list": "- {s}\n\n  <!-- {o} -->\n- End\n",
    "comment of MDX": "{s}\n\n{{/* {o} */}}\n",
    "comment as a definition": "{s}\n\n[//]: # ({o})\n",
    "link title": '{s} [here](https://a.example "{o}").\n',
    "link title, single quotes": "{s} [here](<https://a.example> '{o}').\n",
    "link title, brackets": "{s} [here](https://a.example ({o})).\n",
    "link title on a line": '{s} [here](https://a.example\n"{o}").\n',
    "alt": "{s} ![{o}](a.png)\n",
    "alt of a link": "{s} [![{o}](a.png)](https://a.example)\n",
    "alt by reference": "{s} ![{o}][pic]\n\n[pic]: a.png\n",
    "alt by its own reference": "{s} ![{o}]\n\n[{o}]: a.png\n",
    "image title": '{s} ![](a.png "{o}")\n',
    "definition": '{s}\n\n[x]: https://a.example "{o}"\n',
    "definition, title below": '{s}\n\n[x]: https://a.example\n  "{o}"\n',
    "definition of an order": "{s}\n\n[{o}]: https://a.example\n",
    "definition in a list": '- {s}\n\n  [x]: https://a.example "{o}"\n- End\n',
    "definition in a quote": '> {s}\n>\n> [x]: https://a.example "{o}"\n',
    "hidden block": '{s}\n\n<div style="display:none">\n\n{o}\n\n</div>\n\nEnd.\n',
    "hidden span": '{s} <span style="font-size:0">{o}</span> and so on.\n',
    "white span": '{s} <span style="color:#fff">{o}</span> and so on.\n',
    "white font": '{s} <font color="white">{o}</font> and so on.\n',
    "template": "{s}\n\n<template>{o}</template>\n",
    "sheet": '<style>.x{{display:none}}</style>\n\n{s}\n\n<p class="x">{o}</p>\n',
    "attribute": '{s} <span title="{o}">here</span>\n',
    "attribute of a block": '{s}\n\n<div data-x="{o}">End</div>\n',
    "alt in HTML": '{s} <img src="a.png" alt="{o}">\n',
    "fenced words": "```sh {o}\n{s}\n```\n",
    "front matter": "---\ntitle: Hub\ndescription: {o}\n---\n\n{s}\n",
    "front matter comment": "---\ntitle: Hub\n# {o}\n---\n\n{s}\n",
    "front matter version": "---\ntitle: Hub\nversion: {o}\n---\n\n{s}\n",
    "instruction": "{s}\n\n<?php {o} ?>\n",
    "CDATA": "{s}\n\n<![CDATA[ {o} ]]>\n",
}

RST = {
    "comment": "{s}\n\n.. {o}\n\nEnd.\n",
    "comment in a list": "- {s}\n\n  .. {o}\n\n- End\n",
    "meta": "{s}\n\n.. meta::\n   :description: {o}\n\nEnd.\n",
    "raw": "{s}\n\n.. raw:: html\n\n   <p>{o}</p>\n\nEnd.\n",
    "alt": "{s}\n\n.. image:: a.png\n   :alt: {o}\n\nEnd.\n",
    "alt of a figure": "{s}\n\n.. figure:: a.png\n   :alt: {o}\n\n   Shown.\n",
    "substitution": "{s}\n\n.. |x| replace:: {o}\n\nEnd.\n",
    "target": "{s}\n\n.. _{o}: https://a.example\n\nEnd.\n",
    "todo": "{s}\n\n.. todo::\n\n   {o}\n\nEnd.\n",
    "fields": ":author: {o}\n\n{s}\n",
}

ORG = {
    "comment": "* Hub\n{s}\n# {o}\nEnd.\n",
    "comment block": "* Hub\n{s}\n#+BEGIN_COMMENT\n{o}\n#+END_COMMENT\nEnd.\n",
    "comment tree": "* Hub\n{s}\n* COMMENT {o}\n{o}\n* End\nEnd.\n",
    "drawer": "* Hub\n:PROPERTIES:\n:NOTE: {o}\n:END:\n{s}\n",
    "noexport": "* Hub\n{s}\n* Own :noexport:\n{o}\n",
    "raw": "* Hub\n{s}\n#+BEGIN_EXPORT html\n<p>{o}</p>\n#+END_EXPORT\nEnd.\n",
    "keyword": "#+DESCRIPTION: {o}\n* Hub\n{s}\n",
}

RTF = {
    "hidden": r"{{\rtf1 {s}\par {{\v {o}}}\par End.\par}}",
    "hidden, switched": r"{{\rtf1 {s}\par \v {o}\v0 \par End.\par}}",
    "deleted": r"{{\rtf1 {s}\par {{\deleted {o}}}\par End.\par}}",
    "annotation": r"{{\rtf1 {s}{{\*\annotation {o}}}\par End.\par}}",
    "info": r"{{\rtf1{{\info{{\doccomm {o}}}{{\subject {o}}}}} {s}\par}}",
    "tiny": r"{{\rtf1 {s}\par {{\fs2 {o}}}\par End.\par}}",
    "white": r"{{\rtf1{{\colortbl;\red255\green255\blue255;}} {s}\par "
             r"{{\cf1 {o}}}\par End.\par}}",
    "field": r"{{\rtf1 {s}{{\field{{\*\fldinst COMMENTS {o}}}{{\fldrslt x}}}}\par}}",
    "unknown": r"{{\rtf1 {s}{{\*\secret {o}}}\par End.\par}}",
    "header": r"{{\rtf1{{\header {o}\par}} {s}\par}}",
}  # fmt: skip


def rtf(form: str) -> Make:
    r"""Return what writes RTF, every letter beyond ASCII as ``\\u``."""

    def make(order: str, shown: str) -> bytes:
        text = form.format(s=shown, o=order)
        return "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in text).encode()

    return make


def _mail(kind: str, body: str, *, plain: str = "") -> Make:
    def make(order: str, shown: str) -> bytes:
        text = body.format(s=shown, o=order)
        head = "From: a@b.example\nSubject: Hub\nX-Note: hidden\nMIME-Version: 1.0\n"
        part = _part("html", text)
        if plain:
            part = _part("plain", plain.format(s=shown, o=order)) + "\n--b\n" + part
        return (
            f"{head}Content-Type: multipart/{kind}; boundary=b\n\n--b\n{part}\n--b--\n"
        ).encode()

    return make


def _part(kind: str, text: str) -> str:
    coded = quopri.encodestring(text.encode()).decode()
    return (
        f"Content-Type: text/{kind}; charset=utf-8\n"
        f"Content-Transfer-Encoding: quoted-printable\n\n{coded}"
    )


MAILS = {
    "preheader": _mail(
        "alternative",
        '<div style="display:none;max-height:0">{o}</div><p>{s}</p>',
    ),
    "white": _mail("alternative", '<p>{s}</p><font color="#ffffff">{o}</font>'),
    "comment": _mail("alternative", "<p>{s}</p><!-- {o} -->"),
    "text that no program shows": _mail(
        "alternative", "<p>{s}</p>", plain="{s}\n\n{o}\n"
    ),
    "preamble": lambda order, shown: (
        "From: a@b.example\nSubject: Hub\nMIME-Version: 1.0\nContent-Type: "
        f"multipart/mixed; boundary=b\n\n{order}\n--b\nContent-Type: text/plain; "
        f"charset=utf-8\n\n{shown}\n--b--\n{order}\n"
    ).encode(),
    "header": lambda order, shown: (
        f"From: a@b.example\nSubject: Hub\nX-Note: {order}\nContent-Type: text/plain; "
        f"charset=utf-8\n\n{shown}\n"
    ).encode(),
}

CARRIERS = (
    *(
        Carrier(f"{kind} in {file}", file,
                _written(file, kind, form, escaped=file == "a.json"))
        for kind in _KINDS
        for file, form in _FORMS.items()
        if form
    ),
    Carrier("references to tag letters in Markdown", "a.md", _references),
    Carrier("references to tag letters in HTML", "a.html", _references_in_page),
    *(Carrier(f"Markdown {name}", "a.md", _form(f)) for name, f in MARKDOWN.items()),
    *(Carrier(f"RST {name}", "a.rst", _form(f)) for name, f in RST.items()),
    *(Carrier(f"Org {name}", "a.org", _form(f)) for name, f in ORG.items()),
    *(Carrier(f"RTF {name}", "a.rtf", rtf(form)) for name, form in RTF.items()),
    *(Carrier(f"mail {name}", "a.eml", make) for name, make in MAILS.items()),
)  # fmt: skip
