"""The web server: its pages, who is let in, a place for each visitor, and the end of all of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from aiohttp import web

from epochal.data.paths import FOLDER
from epochal.tui.runner.browser import DRIVER, VARIABLE
from epochal.tui.web.guard import Guard
from epochal.tui.web.page import HEADERS, SCRIPT, full_page, lab_page, refused_page
from epochal.tui.web.visitor import Visitor, size_in
from epochal.tui.widgets.text import UNICODE

# What is true of the terminal the server runs in, and not of a browser.
NOT_PASSED_ON = ("COLUMNS", "LINES", "ROWS", "NO_COLOR", "FORCE_COLOR", "TMUX", "STY")

# Seconds between two looks at whether the page at the other end is still there, and bytes of one message.
HEARTBEAT, MOST_BYTES = 15.0, 1 << 20

SMALLEST_FONT, USUAL_FONT, LARGEST_FONT = 6, 16, 60

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Served:
    """What is served: a lab, started by this command in this folder, to so many at a time."""

    command: Sequence[str]
    folder: Path
    places: int


class LabServer:
    """Answers requests; each websocket is a visitor."""

    def __init__(self, served: Served, guard: Guard, homes: Path) -> None:
        """`homes` is a folder for what Epochal remembers of each visitor, until they leave."""
        self._served, self._guard, self._homes = served, guard, homes
        self._numbers = count(1)
        self._visitors: dict[int, Visitor | None] = {}
        self._is_over = False

    def app(self) -> web.Application:
        """The web application."""
        app = web.Application(middlewares=[self._let_in])
        app.on_shutdown.append(self._leave)
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/focus.js", _script),
                web.get("/ws", self._visit),
                web.static("/static", _static()),
            ]
        )
        return app

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        sentence = self._guard.refusal(request.query, request.cookies, request.host, origin)
        if sentence:
            return web.Response(
                text=refused_page(sentence), status=403, content_type="text/html", headers=HEADERS
            )
        return await handler(request)

    @property
    def _is_full(self) -> bool:
        return len(self._visitors) >= self._served.places

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if self._is_full:
            text, status = full_page(self._served.places), 503
        else:
            scheme = "wss" if request.secure else "ws"
            text, status = lab_page(f"{scheme}://{request.host}/ws", _font_size(request)), 200
        page = web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
        if self._guard.token is not None:
            # From now on it need not be in an address, where others might see it.
            page.set_cookie(self._guard.cookie, self._guard.token, httponly=True, samesite="Strict")
        return page

    async def _visit(self, request: web.Request) -> web.StreamResponse:
        if self._is_full or self._is_over:
            return web.Response(status=503, text="There is no free place.")
        number = next(self._numbers)
        # Taken before anything is waited for: of two that come at once, one gets the last place.
        self._visitors[number] = None
        home = self._homes / str(number)
        try:
            websocket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=MOST_BYTES)
            await websocket.prepare(request)
            visitor = self._visitors[number] = Visitor(number, websocket)
            variables = _variables(self._served.folder, home, size_in(request.query))
            await visitor.visit(self._served.command, self._served.folder, variables)
        finally:
            del self._visitors[number]
            with contextlib.suppress(OSError):
                shutil.rmtree(home)
        return websocket

    async def _leave(self, app: web.Application) -> None:
        """Let every visitor go; their processes end while this waits for their requests to end."""
        self._is_over = True
        await asyncio.gather(*(one.leave() for one in self._visitors.values() if one))


async def _script(_request: web.Request) -> web.StreamResponse:
    return web.Response(text=SCRIPT, content_type="text/javascript", headers=HEADERS)


def _variables(folder: Path, home: Path, size: tuple[int, int]) -> dict[str, str]:
    """The environment of a visitor's lab: confined to the folder, and with a memory of its own."""
    own = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    own |= {
        FOLDER: str(folder),
        "EPOCHAL_HOME": str(home),
        VARIABLE: DRIVER,
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLUMNS": str(size[0]),
        "ROWS": str(size[1]),
    }
    return own if UNICODE else own | {"LC_ALL": "C.UTF-8"}


def _static() -> Path:
    """The terminal for browsers that textual-serve brings."""
    spec = find_spec("textual_serve")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "static"


def _font_size(request: web.Request) -> int:
    try:
        size = int(request.query.get("fontsize", USUAL_FONT))
    except ValueError:
        return USUAL_FONT
    return min(max(size, SMALLEST_FONT), LARGEST_FONT)


async def serve_until_told(
    served: Served, listening: socket.socket, guard: Guard, ready: Callable[[], None]
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; then every visitor's process has ended too."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    with tempfile.TemporaryDirectory(prefix="epochal-serve-", ignore_cleanup_errors=True) as homes:
        server = LabServer(served, guard, Path(homes))
        runner = web.AppRunner(server.app(), handle_signals=False, access_log=None, shutdown_timeout=10.0)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            ready()
            await told.wait()
        finally:
            await runner.cleanup()
