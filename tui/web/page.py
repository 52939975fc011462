"""The page: the terminal in it, or a sentence. Nothing in it comes from elsewhere than this server."""

from __future__ import annotations

from html import escape

STYLE = """
@font-face { font-family: "Roboto Mono"; src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf"); }
html, body { margin: 0; height: 100%; background: #0c181f; color: #f2f2f2; overflow: hidden; }
body { font: 16px "Roboto Mono", Menlo, monospace; }
#terminal { position: absolute; inset: 0; }
.said { position: absolute; inset: 0; z-index: 10; display: flex; flex-direction: column; gap: 1.5em;
  align-items: center; justify-content: center; text-align: center; padding: 2em; background: #0c181f; }
.said a { color: #0c181f; background: #8fd3ff; padding: 0.6em 1.2em; text-decoration: none; }
body.-first-byte .opening { display: none; }
.closed, body.-closed .opening { display: none; }
body.-closed .closed { display: flex; }
"""

# What a browser is to do with our pages: take everything from us, put them in no frame, tell nobody of them.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

SCRIPT = """
const focus = () => document.querySelector(".xterm-helper-textarea")?.focus();
addEventListener("load", focus);
addEventListener("focus", focus);
"""
"""Keys go to the lab as soon as the page is there, without a click."""

AGAIN = 10
"""Seconds after which a page that found no free place looks again."""


def lab_page(websocket: str, font_size: int) -> str:
    """The page with the terminal, which calls that address."""
    body = f"""
<div class="said opening"><p>Opening the lab ...</p></div>
<div class="said closed"><p>This lab has ended, or the last place was taken just now.</p>
<a href="/">Start again</a></div>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{escape(websocket)}"
  data-font-size="{font_size}"></div>"""
    head = """<link rel="preload" href="/static/fonts/RobotoMono-VariableFont_wght.ttf" as="font" crossorigin>
<link rel="stylesheet" href="/static/css/xterm.css">
<script src="/static/js/textual.js"></script>
<script src="/focus.js"></script>"""
    return _page(head, body)


def full_page(places: int) -> str:
    """What the visitor reads for whom there is no place."""
    taken = "The only place is taken" if places == 1 else f"All {places} places are taken"
    said = f"{taken}. This page looks again every {AGAIN} seconds."
    head = f'<meta http-equiv="refresh" content="{AGAIN}">'
    return _page(head, f'<div class="said"><p>{said}</p></div>')


def refused_page(sentence: str) -> str:
    """What is read by whoever is not let in, without anything that needs to be let in."""
    return f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Epochal</title><p>{escape(sentence)}'


def _page(head: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Epochal</title>
<link rel="icon" href="data:,">
{head}
<style>{STYLE}</style>
</head>
<body>{body}
</body>
</html>
"""
