"""A visitor: a process with the lab, what it draws sent to the browser, what is typed there sent to it.

Both ways go packets: a letter (D for what a terminal would get, M for JSON about it), four bytes of length,
and so many bytes. Textual's driver for browsers speaks them after a line of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from aiohttp import WSMsgType, web

from epochal.tui.widgets.text import visible

STARTED = b"__GANGLION__\n"

# Seconds a lab is given to end as if by its own key, and then after SIGTERM.
GRACE, TERMINATED = 3.0, 1.5

# Seconds between two looks at whether it has ended.
LOOK = 0.1

# Cells: what a browser says of its window is believed within these.
SMALLEST, LARGEST = (10, 4), (500, 200)

Size = tuple[int, int]


def size_in(said: Mapping[str, object]) -> Size:
    """The size somebody's browser tells of, within bounds; 80x24 where it tells none."""
    found = []
    for name, usual, least, most in zip(("width", "height"), (80, 24), SMALLEST, LARGEST, strict=True):
        try:
            cells = int(str(said.get(name, usual)))
        except ValueError:
            cells = usual
        found.append(min(max(cells, least), most))
    return found[0], found[1]


class Visitor:
    """One process, from the page's first call to its last."""

    def __init__(self, number: int, websocket: web.WebSocketResponse) -> None:
        self.number, self._websocket = number, websocket
        self._process: Process | None = None

    async def visit(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
        """Start the lab and be between it and the browser until one of the two leaves; then end the other."""
        # A session of its own: what it starts ends with it, and Ctrl+C reaches the server alone.
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=folder, env=variables, start_new_session=True
        )
        drawing = asyncio.create_task(self._draw())
        telling = asyncio.create_task(self._tell())
        typing = asyncio.create_task(self._type())
        ending = asyncio.create_task(_ended(self._process))
        try:
            await asyncio.wait({typing, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(self._process)
            await self.leave()
            await asyncio.gather(drawing, telling, typing, ending)

    async def leave(self) -> None:
        """Have the visit ended from our side."""
        await self._websocket.close()

    async def _type(self) -> None:
        """What the browser sends goes to the lab; what is no message of its page is passed over."""
        async for message in self._websocket:
            if message.type != WSMsgType.TEXT:
                continue
            try:
                kind, *rest = json.loads(message.data)
            except (ValueError, TypeError, RecursionError):
                continue
            said = rest[0] if rest else None
            if kind == "stdin" and isinstance(said, str):
                await self._send(b"D", said.encode("utf-8", "replace"))
            elif kind == "resize" and isinstance(said, dict):
                width, height = size_in(said)
                await self._send_meta({"type": "resize", "width": width, "height": height})
            elif kind == "ping" and isinstance(said, str):
                await self._websocket.send_json(["pong", said])
            elif kind in ("focus", "blur"):
                await self._send_meta({"type": kind})

    async def _draw(self) -> None:
        """What the lab draws goes to the browser; when the lab ends, so does the page."""
        assert self._process
        assert self._process.stdout
        out = self._process.stdout
        with contextlib.suppress(asyncio.IncompleteReadError, ValueError):
            while (await out.readuntil(b"\n")) != STARTED:
                pass
            while True:
                head = await out.readexactly(5)
                payload = await out.readexactly(int.from_bytes(head[1:], "big"))
                if head[:1] == b"D":
                    # The page may be gone; the pipe is emptied all the same, so that the lab can end.
                    with contextlib.suppress(ConnectionError):
                        await self._websocket.send_bytes(payload)
                elif json.loads(payload).get("type") == "exit":
                    await self.leave()

    async def _tell(self) -> None:
        """What the lab says aside, of a fault for instance, is for whoever serves it."""
        assert self._process
        assert self._process.stderr
        while line := await self._process.stderr.readline():
            said = visible(line.decode("utf-8", "replace").rstrip("\n"))
            click.echo(f"Visitor {self.number}: {said}", err=True)

    async def _send(self, kind: bytes, payload: bytes) -> None:
        assert self._process
        assert self._process.stdin
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
            await self._process.stdin.drain()

    async def _send_meta(self, said: dict[str, object]) -> None:
        await self._send(b"M", json.dumps(said).encode())

    async def _end(self, process: Process) -> None:
        """End the lab, if need be by force, and with it whatever it has started."""
        if process.returncode is None:
            asking = asyncio.create_task(self._send_meta({"type": "quit"}))
            for seconds, number in ((GRACE, signal.SIGTERM), (TERMINATED, signal.SIGKILL)):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(_ended(process), seconds)
                    break
                _send_signal(process.pid, number)
            asking.cancel()
        _send_signal(process.pid, signal.SIGKILL)
        await process.wait()


async def _ended(process: Process) -> None:
    """Wait for the process alone: `Process.wait` may wait for whoever else has its pipes, too."""
    while process.returncode is None:
        await asyncio.sleep(LOOK)


def _send_signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
