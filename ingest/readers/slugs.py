"""Makes the fragments by which headings are reached. Pure."""

import unicodedata

_KEPT = frozenset({"Mn", "Mc", "Nd", "Nl", "No", "Pc"})


class Slugs:
    """Gives each heading of one document a slug of its own, as GitHub does."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def slug(self, title: str) -> str:
        """Return the slug of a heading; a repeated one ends in -1, -2, and so on."""
        plain = "".join(
            "-" if c == " " else c
            for c in title.strip().lower()
            if c in " -" or c.isalpha() or unicodedata.category(c) in _KEPT
        )
        slug = plain
        while slug in self._seen:
            self._seen[plain] += 1
            slug = f"{plain}-{self._seen[plain]}"
        self._seen[slug] = 0
        return slug

    def take(self, slug: str) -> str:
        """Keep a slug that the document gives itself from being given again."""
        self._seen.setdefault(slug, 0)
        return slug
