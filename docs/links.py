"""Links between documents: files at the top of the repository are pages of the site, under other names."""

from __future__ import annotations

import re

TOP = {
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "license.md",
    "README.md": "index.md",
}
"""Files at the top of the repository, and the pages of the site that they are."""

LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


def from_the_top(text: str) -> str:
    """A text from the top of the repository with its links as they are within `docs`."""
    return LINK.sub(_from_the_top, text)


def to_the_top(text: str) -> str:
    """A text from within `docs` whose links to files at the top lead to their pages."""
    return LINK.sub(_to_the_top, text)


def _from_the_top(link: re.Match[str]) -> str:
    target = link[1].removeprefix("docs/") if link[1].startswith("docs/") else TOP.get(link[1], link[1])
    return f"]({target}{link[2] or ''})"


def _to_the_top(link: re.Match[str]) -> str:
    folder, _, name = link[1].rpartition("../")
    is_above = link[1].startswith("../") and name in TOP
    return f"]({folder}{TOP[name]}{link[2] or ''})" if is_above else link[0]
