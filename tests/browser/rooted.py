"""Looks into closed shadow roots, as the browser's own tools do.

Playwright sees open roots alone. What a page can see of a widget is asked of the page;
what a person sees of it is asked here, through DevTools.
"""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Page

ELEMENT = "frontdesk-widget"

_PATIENCE = 20.0


class Rooted:
    """The closed root of the widget on a page."""

    def __init__(self, page: Page, element: str = ELEMENT) -> None:
        self.page = page
        self._element = element
        self._session = page.context.new_cdp_session(page)

    def run(self, function: str, *arguments: object) -> Any:
        """Return what `function` returns, called with the root as ``this``.

        Raises:
            LookupError: There is no widget on the page.
        """
        root = self._root()
        reply = self._session.send(
            "Runtime.callFunctionOn",
            {
                "objectId": root,
                "functionDeclaration": function,
                "arguments": [{"value": argument} for argument in arguments],
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        assert "exceptionDetails" not in reply, reply["exceptionDetails"]
        return reply["result"].get("value")

    def text(self, selector: str) -> str:
        """Return what an element says; "" where there is none."""
        function = "function (s) { return this.querySelector(s)?.innerText ?? ''; }"
        return str(self.run(function, selector))

    def count(self, selector: str) -> int:
        """Return how many elements there are."""
        function = "function (s) { return this.querySelectorAll(s).length; }"
        return int(self.run(function, selector))

    def until(self, function: str, *arguments: object) -> Any:
        """Return what `function` returns, once that is something."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                if found := self.run(function, *arguments):
                    return found
            except LookupError:
                pass
            self.page.wait_for_timeout(50)
        raise AssertionError(f"it never came: {function} {arguments}\n{self.tree()}")

    def until_text(self, selector: str, wanted: str) -> None:
        """Wait until an element says `wanted` among other things."""
        self.until(
            "function (s, t) { return [...this.querySelectorAll(s)]"
            ".some((one) => one.innerText.includes(t)); }",
            selector,
            wanted,
        )

    def click(self, selector: str, text: str = "") -> None:
        """Press an element where a hand would, once it is there."""
        spot = self.until(
            "function (s, t) { const one = [...this.querySelectorAll(s)].find((one) =>"
            " one.innerText.includes(t) || (one.ariaLabel ?? '').includes(t));"
            " if (!one) return null; one.scrollIntoView({block: 'nearest'});"
            " const {x, y, width, height} = one.getBoundingClientRect();"
            " return width && height ? [x + width / 2, y + height / 2] : null; }",
            selector,
            text,
        )
        self.page.mouse.click(*spot)

    def focused(self) -> str:
        """Return what has the focus: its name for readers, or its text."""
        return str(
            self.run(
                "function () { const one = this.activeElement;"
                " return one ? (one.ariaLabel || one.innerText || one.className) : ''; }"
            )
        )

    def tree(self) -> str:
        """Return what a screen reader finds on the page, one line each."""
        nodes = self._session.send("Accessibility.getFullAXTree")["nodes"]
        return "\n".join(_line(node) for node in nodes if not node["ignored"])

    def _root(self) -> str:
        document = self._session.send("DOM.getDocument", {"depth": -1, "pierce": True})
        for node in _nodes(document["root"]):
            if node["nodeName"].lower() == self._element and node.get("shadowRoots"):
                (root,) = node["shadowRoots"]
                assert root["shadowRootType"] == "closed"
                told = self._session.send("DOM.resolveNode", {"nodeId": root["nodeId"]})
                return str(told["object"]["objectId"])
        raise LookupError(f"there is no {self._element} on the page")


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("children", ()):
        yield from _nodes(child)


def _line(node: Mapping[str, Any]) -> str:
    name = node.get("name", {}).get("value", "")
    traits = {p["name"]: p["value"].get("value") for p in node.get("properties", ())}
    kept = {k: v for k, v in traits.items() if k in ("expanded", "modal", "focused")}
    return f"{node['role']['value']} {json.dumps(name)} {kept or ''}".rstrip()
