"""Who is let in: by an address that only this machine has, or by a token in it; and no other page's script.

A page from anywhere may let its visitor's browser call 127.0.0.1, by that name or by a name of its own that
leads there (DNS rebinding). The browser says in `Host` which name was called and in `Origin` whose page
calls; both have to be ours.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

BYTES = 24
"""Of a token: more than can be guessed."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can call that address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def new_token() -> str:
    """Characters that nobody can guess, fit for an address."""
    return secrets.token_urlsafe(BYTES)


@dataclass(frozen=True)
class Guard:
    """Refuses requests: without the token, if there is one; else those that call us by another name."""

    token: str | None
    cookie: str
    """The name of the cookie that holds the token once it was seen in the address."""

    def refusal(self, query: Mapping[str, str], cookies: Mapping[str, str], host: str, origin: str) -> str:
        """Why a request is refused, in a sentence for whoever sent it; empty when it is not."""
        if origin and urlsplit(origin).netloc.lower() != host.lower():
            return "Another page may not use the lab."
        if self.token is None:
            name = urlsplit(f"//{host}").hostname or ""
            return "" if is_loopback(name) else "The lab is served to this machine alone, as 127.0.0.1."
        shown = query.get("token") or cookies.get(self.cookie) or ""
        if secrets.compare_digest(shown.encode("utf-8", "replace"), self.token.encode()):
            return ""
        return "The address needs its token: use it as `epochal serve` has printed it, to its end."
