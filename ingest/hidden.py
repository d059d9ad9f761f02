"""The words for hidden text: what there is of it, and what is done about it."""

from collections.abc import Mapping
from typing import Literal

HiddenText = Literal["strip", "quarantine", "keep"]
"""What is done about text that nobody sees: it is taken out, or a document that
holds some is not taken in, or it stays."""

HiddenKind = Literal[
    "tag_letters",
    "variation_selectors",
    "private_use_characters",
    "direction_controls",
    "zero_width_characters",
    "control_characters",
    "styled_parts",
    "invisible_texts",
    "hidden_sheets",
    "hidden_cells",
    "hidden_slides",
    "unshown_alternatives",
    "script_marks",
    "font_symbols",
    "comments",
    "attributes",
    "deletions",
    "encoded_runs",
]
"""What hidden text is: characters without a shape by what they are; parts that their
style, colour or place hides, or a PDF draws invisibly; whole sheets and slides."""

ORDINARY: frozenset[HiddenKind] = frozenset(
    {
        *("control_characters", "unshown_alternatives", "script_marks"),
        *("font_symbols", "comments", "attributes", "deletions", "encoded_runs"),
    }
)
"""Kinds that most writers leave in a document without a thought of hiding anything:
counted, and no reason for a warning or a quarantine."""


def concealed(hidden: Mapping[HiddenKind, int]) -> str:
    """Return in words what hidden text is more than ordinary, "" for none."""
    found = {kind: count for kind, count in hidden.items() if kind not in ORDINARY}
    return ", ".join(
        f"{count:,} {kind.replace('_', ' ')}" for kind, count in sorted(found.items())
    )
