"""Ways to hide text in HTML, and what only looks like it."""

from html import escape

from tests.reliability.hidden_text import Carrier, Make


def page(body: str, *, head: str = "", attributes: str = "") -> bytes:
    return (
        f"<!doctype html><html><head><title>Hub</title>{head}</head>"
        f"<body {attributes}>{body}</body></html>"
    ).encode()


def _styled(style: str, tag: str = "div") -> Make:
    return lambda order, shown: page(
        f'<p>{shown}</p><{tag} style="{style}">{order}</{tag}><p>End.</p>'
    )


def _sheet(rules: str, element: str) -> Make:
    """Return a page with a style sheet and an element with ``{}`` for the order."""
    return lambda order, shown: page(
        f"<p>{shown}</p>{element.format(order)}<p>End.</p>",
        head=f"<style>{rules}</style>",
    )


def _body(form: str, head: str = "") -> Make:
    """Return a page whose body is `form`, ``{s}`` shown and ``{o}`` the order."""
    return lambda order, shown: page(
        form.format(s=shown, o=escape(order)), head=head.format(o=escape(order))
    )


STYLES = (
    "display:none",
    "DISPLAY : none !important",
    "display:/**/none",
    "visibility:hidden",
    "font-size:0",
    "font-size:1px",
    "font-size:0.01em",
    "font:1px/1 serif",
    "opacity:0",
    "opacity:0.0",
    "color:#fff",
    "color:white",
    "color:#fefefe",
    "color:rgb(255,255,255)",
    "color:rgb(100% 100% 100%)",
    "color:hsl(0, 0%, 100%)",
    "color:rgba(0,0,0,0)",
    "color:transparent",
    "color:#00000000",
    "color:navy;background:#000080",
    "color:#123456;background-color:rgb(18,52,86)",
    "clip:rect(0,0,0,0);position:absolute",
    "clip:rect(1px 1px 1px 1px);position:absolute",
    "clip-path:inset(100%)",
    "clip-path:circle(0)",
    "position:absolute;left:-9999px",
    "position:fixed;top:-200vh",
    "text-indent:-9999px",
    "text-indent:-100em",
    "margin-left:-99999px",
    "transform:scale(0)",
    "transform:scaleY(0)",
    "transform:translateX(-9999px)",
    "width:0;height:0;overflow:hidden",
    "max-height:0;overflow:hidden",
    "height:1px;width:1px;overflow:hidden;position:absolute",
    "-webkit-text-fill-color:transparent",
    "filter:opacity(0)",
    "content-visibility:hidden",
)

SHEETS = {
    "class": (".x{display:none}", '<p class="a x">{}</p>'),
    "id": ("#secret { visibility : hidden }", '<p id="secret">{}</p>'),
    "tag": ("aside,footer{display:none}", "<aside>{}</aside>"),
    "tag and class": ("p.x{font-size:0}", '<p class="x">{}</p>'),
    "descendant": (".box .x{opacity:0}", '<div class="box"><p class="x">{}</p></div>'),
    "child": ("div > p.x{color:#fff}", '<div><p class="x">{}</p></div>'),
    "attribute": ("[data-x]{display:none}", '<p data-x="1">{}</p>'),
    "attribute value": ('p[data-x="1"]{display:none}', '<p data-x="1">{}</p>'),
    "white class": (".x{color:white}", '<p class="x">{}</p>'),
    "screen": ("@media screen{.x{display:none}}", '<p class="x">{}</p>'),
    "comment in it": ("/* } */.x{display:none}", '<p class="x">{}</p>'),
    "every element": ("*.x{display:none}", '<p class="x">{}</p>'),
    "important": (".x{display:none!important}",
                  '<p class="x" style="display:block">{}</p>'),
    "inherited": (".x{color:#fff}", '<div class="x"><ul><li>{}</li></ul></div>'),
    "inherited ground": (".x{background:black;color:white}.y{color:#010101}",
                         '<div class="x"><b class="y">{}</b></div>'),
}  # fmt: skip

BODIES = {
    "comment": "<p>{s}</p><!-- {o} -->",
    "comment, unclosed": "<p>{s}</p><!-- {o}",
    "comment, conditional": "<p>{s}</p><!--[if mso]><p>{o}</p><![endif]-->",
    "declaration": "<p>{s}</p><!ELEMENT {o}>",
    "CDATA": "<p>{s}</p><![CDATA[ {o} ]]>",
    "instruction": "<p>{s}</p><?php echo '{o}' ?>",
    "hidden": "<p>{s}</p><p hidden>{o}</p>",
    "hidden until found": '<p>{s}</p><p hidden="until-found">{o}</p>',
    "aria-hidden": '<p>{s}</p><p aria-hidden="true">{o}</p>',
    "popover": "<p>{s}</p><p popover>{o}</p>",
    "template": "<p>{s}</p><template><p>{o}</p></template>",
    "noscript": "<p>{s}</p><noscript>{o}</noscript>",
    "script": "<p>{s}</p><script>var a = '{o}';</script>",
    "JSON for machines": '<p>{s}</p><script type="application/ld+json">"{o}"</script>',
    "hidden field": '<p>{s}</p><input type="hidden" value="{o}">',
    "placeholder": '<p>{s}</p><input placeholder="{o}">',
    "alt": '<p>{s}</p><img src="a.png" alt="{o}">',
    "title": '<p title="{o}">{s}</p>',
    "aria-label": '<p aria-label="{o}">{s}</p>',
    "data": '<p data-note="{o}">{s}</p>',
    "SVG": "<p>{s}</p><svg><text>{o}</text><desc>{o}</desc></svg>",
    "MathML annotation": "<p>{s}</p><math><mi>x</mi><annotation>{o}</annotation></math>",
    "closed dialog": "<p>{s}</p><dialog>{o}</dialog>",
    "iframe": '<p>{s}</p><iframe srcdoc="{o}">{o}</iframe>',
    "object": "<p>{s}</p><object>{o}</object>",
    "video": "<p>{s}</p><video>{o}</video>",
    "canvas": "<p>{s}</p><canvas>{o}</canvas>",
    "meter": "<p>{s}</p><meter>{o}</meter><progress>{o}</progress>",
    "select": "<p>{s}</p><select><option>{o}</option></select>",
    "font colour": '<p>{s}</p><font color="#FFFFFF">{o}</font>',
    "bgcolor": '<p>{s}</p><table bgcolor="black"><tr><td><font color="#000">{o}</font>'
               "</td></tr></table>",
    "colour inherited": '<p>{s}</p><div style="color:#fff"><ul><li>{o}</li></ul></div>',
    "hidden within": "<p>{s}</p><div hidden><table><tr><td>{o}</td></tr></table></div>",
    "unclosed": "<p>{s}</p><div style='display:none'><p>{o}",
}  # fmt: skip

HEADS = {
    "meta description": '<meta name="description" content="{o}">',
    "meta og:title": '<meta property="og:title" content="{o}">',
    "meta keywords": '<meta name="keywords" content="{o}">',
    "link title": '<link rel="alternate" title="{o}" href="/a">',
    "base": '<base target="{o}">',
}

CARRIERS = (
    *(Carrier(f"HTML style {style}", "a.html", _styled(style)) for style in STYLES),
    *(Carrier(f"HTML sheet, {name}", "a.html", _sheet(*of))
      for name, of in SHEETS.items()),
    *(Carrier(f"HTML {name}", "a.html", _body(form)) for name, form in BODIES.items()),
    *(Carrier(f"HTML {name}", "a.html", _body("<p>{s}</p>", head))
      for name, head in HEADS.items()),
)  # fmt: skip
