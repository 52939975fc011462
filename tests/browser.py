"""A real browser without a window, driven by its own protocol: what its page shows, as text and as pictures.

Chrome's DevTools protocol: requests with a number and answers with the same, and events, as JSON over a
websocket. What the page draws is read where it arrives, as the page itself keeps only pixels.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pyte
import pytest
from PIL import Image

from tests.runs import GIVE_UP, HERE

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")
KEYS = {"enter": ("Enter", 13, "\r"), "escape": ("Escape", 27, ""), "tab": ("Tab", 9, "")}


class Page:
    """A tab: its terminal as text, keys, its size, and its picture."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self._websocket = websocket
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._came = asyncio.Event()
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.closed = 0
        self.complaints: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._websocket:
            said = json.loads(message.data)
            if "id" in said:
                future = self._answers.pop(said["id"])
                if not future.done():
                    future.set_result(said)
            else:
                self._hear(said["method"], said["params"])
            self._came.set()

    def _hear(self, event: str, said: dict[str, Any]) -> None:
        if event == "Network.webSocketFrameReceived" and said["response"]["opcode"] == 2:
            drawn = base64.b64decode(said["response"]["payloadData"])
            # pyte knows no private modes with an intermediate byte, which the terminal is asked about.
            self._stream.feed(re.sub(rb"\x1b\[[<>=?][\d;]*[$u][a-z]?", b"", drawn))
        elif event == "Network.webSocketFrameSent":
            with suppress(ValueError):
                kind, *rest = json.loads(said["response"]["payloadData"])
                if kind == "resize":
                    self._screen.resize(rest[0]["height"], rest[0]["width"])
        elif event == "Network.webSocketClosed":
            self.closed += 1
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(said["exceptionDetails"])[:500])
        elif event == "Log.entryAdded" and said["entry"]["level"] == "error":
            self.complaints.append(f"{said['entry']['text']} {said['entry'].get('url', '')}")

    async def ask(self, method: str, **what: object) -> dict[str, Any]:
        """Have the browser do something; what it answers."""
        number = next(self._numbers)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._websocket.send_json({"id": number, "method": method, "params": what})
        async with asyncio.timeout(GIVE_UP):
            answer = await future
        assert "error" not in answer, answer
        result = answer["result"]
        assert isinstance(result, dict)
        return result

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so, looking whenever something has come."""
        async with asyncio.timeout(GIVE_UP):
            while not condition():
                self._came.clear()
                await self._came.wait()

    async def until_shown(self, pattern: str) -> None:
        """Wait until the terminal shows a pattern."""
        try:
            await self.until(lambda: re.search(pattern, self.text()))
        except TimeoutError:
            raise AssertionError(f"{pattern} did not come:\n{self.text()}") from None

    def text(self) -> str:
        """What is in the terminal."""
        return "\n".join(self._screen.display)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal, as the page told them."""
        return self._screen.columns, self._screen.lines

    async def evaluate(self, expression: str) -> Any:
        """What a line of JavaScript comes to in the page."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def body(self) -> str:
        """The words of the page that can be seen, those in its terminal left out."""
        return str(await self.evaluate("document.body ? document.body.innerText : ''"))

    async def until_body(self, text: str) -> None:
        """Wait until the page itself says something."""
        async with asyncio.timeout(GIVE_UP):
            while text not in await self.body():
                await asyncio.sleep(0.05)

    async def press(self, *keys: str) -> None:
        """Press keys, by their name or what they type."""
        for key in keys:
            name, code, text = KEYS.get(key, (key, ord(key.upper()[0]), key))
            pressed: dict[str, object] = {"key": name, "windowsVirtualKeyCode": code}
            if text:
                pressed["text"] = text
            await self.ask("Input.dispatchKeyEvent", type="keyDown", **pressed)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    async def hold_ctrl(self, key: str) -> None:
        """Press a key with Ctrl."""
        what = {
            "key": key,
            "modifiers": 2,
            "windowsVirtualKeyCode": ord(key.upper()),
            "code": f"Key{key.upper()}",
        }
        await self.ask("Input.dispatchKeyEvent", type="rawKeyDown", **what)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **what)

    async def resize(self, width: int, height: int) -> None:
        """Another size of the window, in pixels."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def picture(self) -> Image.Image:
        """What a person sees, once two frames have been drawn; a tab behind another draws none."""
        await self.ask("Page.bringToFront")
        await self.ask("Runtime.evaluate", expression=NEXT_FRAME, awaitPromise=True)
        answer = await self.ask("Page.captureScreenshot", format="png")
        return Image.open(io.BytesIO(base64.b64decode(answer["data"]))).convert("RGB")

    async def close(self) -> None:
        """Close the tab."""
        await self.ask("Page.close")

    async def forget(self) -> None:
        """End the talk."""
        await self._websocket.close()
        await self._reading


NEXT_FRAME = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"


class Browser:
    """Chromium, and its tabs."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session, self._address = session, address
        self._pages: list[Page] = []

    async def page(self, url: str, size: tuple[int, int] = (1280, 800)) -> Page:
        """A new tab that shows this address."""
        base = re.sub(r"^ws://([^/]+)/.*", r"http://\1", self._address)
        async with self._session.put(f"{base}/json/new?about:blank") as answer:
            told = await answer.json(content_type=None)
        page = Page(await self._session.ws_connect(told["webSocketDebuggerUrl"], max_msg_size=1 << 28))
        self._pages.append(page)
        for domain in ("Network", "Page", "Runtime", "Log"):
            await page.ask(f"{domain}.enable")
        await page.resize(*size)
        await page.ask("Page.navigate", url=url)
        return page

    async def forget(self) -> None:
        """End the talk with all tabs."""
        for page in self._pages:
            await page.forget()


@asynccontextmanager
async def a_browser(folder: Path) -> AsyncIterator[Browser]:
    """Chromium with a profile of its own in that folder; ended, with all its processes, at the end."""
    assert CHROMIUM
    log = folder / "chromium.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [
                CHROMIUM,
                "--headless=new",
                "--no-sandbox",  # as root, as in a container, there is none
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--remote-debugging-port=0",
                f"--user-data-dir={folder / 'profile'}",
                "about:blank",
            ],
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        async with asyncio.timeout(GIVE_UP):
            while not (found := LISTENING.search(log.read_bytes())):
                assert process.poll() is None, log.read_text(errors="replace")
                await asyncio.sleep(0.05)
        async with aiohttp.ClientSession() as session:
            browser = Browser(session, found[1].decode())
            try:
                yield browser
            finally:
                await browser.forget()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`epochal serve` on a free port, in a process of its own: its address, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "epochal", "serve", "--port", "0", "--folder", str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert process.stdout
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, process.communicate()
        yield found[0], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=GIVE_UP)


def labs_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that a server has started."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(one) for one in found.split()]
