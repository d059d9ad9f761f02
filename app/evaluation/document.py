"""One HTML file that needs nothing else, works offline, and lets nothing in. Pure."""

import base64
import hashlib

from app.evaluation.markup import Markup, tag
from app.web import text_of


def document(title: str, *body: str, script: str = "") -> str:
    """Return a whole page in the style of our reports.

    Its own policy lets nothing run or load but the script and the style that stand
    in it, whatever its texts may hold.

    Args:
        title: Its title.
        body: What stands in it; all that is not `Markup` is escaped.
        script: JavaScript that runs at its end, or "".
    """
    style = text_of("report.css")
    allowed = f"script-src {_source(script)}; " if script else ""
    policy = (
        f"default-src 'none'; style-src {_source(style)}; {allowed}"
        "base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(style)),
    )
    # Its hash is of the text as it stands between the tags.
    run = tag("script", Markup(script)) if script else ""
    page = tag("html", head, tag("body", *body, run), lang="en")
    return f"<!doctype html>\n{page}\n"


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
