"""Settings of how the pages look and what they say first."""

from typing import Annotated

from msgspec import Meta, Struct

MOST_ASKED = "most-asked"
"""In place of first questions: those that are asked most."""


class PageSettings(Struct, frozen=True, kw_only=True):
    """How the chat page, the widget and the desk look (``PAGE_…``).

    Attributes:
        name: What people call the help desk.
        colour: Its colour, as ``#rrggbb``; "" takes the page's own.
        logo: File of its logo: an SVG, a PNG or a WebP; "" shows none.
        greeting: What the page says before anything is asked; "" takes its own words.
        questions: First questions, separated by ``|``; ``most-asked`` shows what was
            asked and answered most.
        language: Language of the page's own words, such as ``de``; "" takes the
            browser's.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)] = "frontdesk"
    colour: Annotated[str, Meta(pattern="^(#[0-9A-Fa-f]{6})?$")] = ""
    logo: str = ""
    greeting: Annotated[str, Meta(max_length=500)] = ""
    questions: Annotated[str, Meta(max_length=4000)] = ""
    language: Annotated[str, Meta(pattern="^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")] = (
        ""
    )


class HandoffSettings(Struct, frozen=True, kw_only=True):
    """Where a visitor goes whom the documents do not help (``HANDOFF_…``).

    Attributes:
        url: An ``https:`` or ``mailto:`` address of people; "" offers none.
    """

    url: Annotated[str, Meta(max_length=2000)] = ""
