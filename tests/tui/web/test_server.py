"""The web server between browsers and labs: who gets in, what each visitor gets, and the end of it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from epochal.tui.web import visitor
from epochal.tui.web.guard import Guard, is_loopback, new_token
from epochal.tui.web.page import AGAIN
from epochal.tui.web.server import LabServer, Served
from tests.runs import GIVE_UP

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="served on POSIX systems alone")

# Speaks as a lab does: tells where it is, gives back what comes, and ends when told or when nobody is left.
LAB = """
import json, os, subprocess, sys
def say(text):
    data = text.encode()
    os.write(1, b"D" + len(data).to_bytes(4, "big") + data)
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(1000)"])
names = ("EPOCHAL_HOME", "EPOCHAL_FOLDER", "COLUMNS", "ROWS", "NO_COLOR", "TERM")
told = {name: os.environ.get(name) for name in names}
os.makedirs(told["EPOCHAL_HOME"])
open(told["EPOCHAL_HOME"] + "/history", "w").close()
os.write(1, b"some warning\\n__GANGLION__\\n")
say(json.dumps(told | {"pid": os.getpid(), "child": child.pid, "cwd": os.getcwd()}))
source = sys.stdin.buffer
while head := source.read(5):
    payload = source.read(int.from_bytes(head[1:], "big"))
    if b'"quit"' in payload and "stubborn" not in sys.argv:
        break
    if payload == b"end":
        sys.exit("a fault \\x1b[31m")
    say(head[:1].decode() + payload.decode())
while "stubborn" in sys.argv:
    pass
"""


class Site:
    """A server in this process, and its address."""

    def __init__(self, port: int, homes: Path, session: aiohttp.ClientSession) -> None:
        self.port, self.homes, self.session = port, homes, session

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def told(self, path: str = "/", **headers: str) -> tuple[int, str]:
        async with self.session.get(self.url(path), headers=headers) as answer:
            return answer.status, await answer.text()

    @asynccontextmanager
    async def visit(
        self, query: str = ""
    ) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, dict[str, object]]]:
        async with self.session.ws_connect(self.url(f"/ws{query}")) as websocket:
            yield websocket, json.loads(await received(websocket))


async def received(websocket: aiohttp.ClientWebSocketResponse) -> str:
    async with asyncio.timeout(GIVE_UP):
        return (await websocket.receive_bytes()).decode()


@asynccontextmanager
async def site(
    folder: Path, *, places: int = 2, token: str | None = None, how: str = ""
) -> AsyncIterator[Site]:
    """A server whose labs are of a kind that starts at once."""
    homes = folder / "homes"
    homes.mkdir()
    listening = socket.create_server(("127.0.0.1", 0))
    command = (sys.executable, "-S", "-E", "-c", LAB, how)
    server = LabServer(Served(command, folder, places), Guard(token, "epochal-test"), homes)
    runner = web.AppRunner(server.app(), handle_signals=False, access_log=None, shutdown_timeout=GIVE_UP)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    jar = aiohttp.CookieJar(unsafe=True)
    try:
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Site(listening.getsockname()[1], homes, session)
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(GIVE_UP):
        while not condition():
            await asyncio.sleep(0.01)


def is_gone(pid: object) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        try:
            os.kill(int(str(pid)), 0)
        except ProcessLookupError:
            return True
        return False
    return state == "Z"


async def test_each_visitor_has_a_process_and_a_memory_of_their_own(tmp_path: Path) -> None:
    async with site(tmp_path) as served, served.visit("?width=100&height=30") as (one, first):
        assert first["COLUMNS"] == "100"
        assert first["ROWS"] == "30"
        assert first["EPOCHAL_FOLDER"] == first["cwd"] == str(tmp_path)
        async with served.visit() as (two, second):
            assert second["pid"] != first["pid"]
            homes = {str(first["EPOCHAL_HOME"]), str(second["EPOCHAL_HOME"])}
            assert len(homes) == 2
            assert all(Path(home).parent == served.homes for home in homes)
            await one.send_json(["stdin", "t\x1b[A"])
            assert await received(one) == "Dt\x1b[A"
            await two.send_json(["resize", {"width": 90, "height": 20}])
            assert json.loads((await received(two))[1:]) == {"type": "resize", "width": 90, "height": 20}
        await until(lambda: is_gone(second["pid"]) and is_gone(second["child"]))
        await until(lambda: not Path(str(second["EPOCHAL_HOME"])).exists())
        assert not is_gone(first["pid"])


async def test_there_are_so_many_places_and_the_next_visitor_is_told(tmp_path: Path) -> None:
    async with site(tmp_path, places=1) as served:
        assert (await served.told())[0] == 200
        async with served.visit() as (_, told):
            status, page = await served.told()
            assert status == 503
            assert f"The only place is taken. This page looks again every {AGAIN} seconds." in page
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                await served.session.ws_connect(served.url("/ws"))
        await until(lambda: is_gone(told["pid"]))
        async with asyncio.timeout(GIVE_UP):
            while (await served.told())[0] != 200:
                await asyncio.sleep(0.01)
        async with served.visit() as (_, again):
            assert again["EPOCHAL_HOME"] != told["EPOCHAL_HOME"]


async def test_of_many_who_come_at_once_no_more_get_in_than_there_are_places(tmp_path: Path) -> None:
    async with site(tmp_path, places=2) as served:
        calls = [served.session.ws_connect(served.url("/ws")) for _ in range(6)]
        came = await asyncio.gather(*calls, return_exceptions=True)
        inside = [one for one in came if isinstance(one, aiohttp.ClientWebSocketResponse)]
        assert len(inside) == 2
        for one in inside:
            await one.close()


PATHS = ("/", "/ws", "/focus.js", "/static/js/textual.js", "/static/css/xterm.css", "/nothing")


async def test_nothing_is_given_without_the_token(tmp_path: Path) -> None:
    token = new_token()
    async with site(tmp_path, token=token) as served:
        for wrong in (
            "",
            "?token=",
            f"?token={token[:-1]}",
            f"?token={token}x",
            "?token=%ff%00",
            "?Token=" + token,
        ):
            for path in PATHS:
                status, page = await served.told(path + wrong)
                assert status == 403, path + wrong
                assert token not in page
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await served.session.ws_connect(served.url(f"/ws{wrong}"))
        status, page = await served.told(f"/?token={token}")
        assert status == 200
        assert token not in page
        # From now on the browser's cookie opens.
        for path in ("/", "/focus.js", "/static/js/textual.js"):
            assert (await served.told(path))[0] == 200
        async with served.visit():
            pass
        assert len({cookie["httponly"] for cookie in served.session.cookie_jar}) == 1


@pytest.mark.parametrize("token", [None, "a-token"])
async def test_other_pages_scripts_are_refused(tmp_path: Path, token: str | None) -> None:
    """A page from anywhere can call 127.0.0.1 by this browser, and by a name of its own that leads there."""
    query = f"?token={token}" if token else ""
    async with site(tmp_path, token=token) as served:
        for origin in (
            "http://evil.example",
            "null",
            f"http://127.0.0.1:{served.port + 1}",
            "http://127.0.0.1",
        ):
            assert (await served.told(f"/{query}", Origin=origin))[0] == 403
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await served.session.ws_connect(served.url(f"/ws{query}"), headers={"Origin": origin})
        own = f"http://127.0.0.1:{served.port}"
        assert (await served.told(f"/{query}", Origin=own))[0] == 200
        for host in ("evil.example", f"evil.example:{served.port}", "127.0.0.1.evil.example", ""):
            assert (await served.told("/", Host=host))[0] == (403 if token is None else 200), host
        for host in ("localhost", f"localhost:{served.port}", "[::1]:80", "127.0.0.1"):
            assert (await served.told(f"/{query}", Host=host))[0] == 200, host


async def test_static_files_are_the_terminals_alone(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n")
    async with site(tmp_path) as served:
        for path in (
            "/static/",
            "/static/../server.py",
            "/static/%2e%2e/server.py",
            "/secret.csv",
            "/static/..%2fserver.py",
        ):
            assert (await served.told(path))[0] in (403, 404), path


async def test_what_is_no_message_of_the_page_is_passed_over(tmp_path: Path) -> None:
    broken = ["", "x", "1", "null", "[]", "{}", "[" * 5000, '["stdin"]', '["stdin", 1]', '["stdin", {}]']
    wrong: list[bytes | str] = [
        b"\x00",
        *broken,
        '["resize"]',
        '["resize", []]',
        '["quit"]',
        '["ping"]',
        '["x", "y"]',
    ]
    async with site(tmp_path) as served, served.visit() as (websocket, _):
        for one in wrong:
            await (websocket.send_bytes(one) if isinstance(one, bytes) else websocket.send_str(one))
        for odd in ({"width": 10**9, "height": -5}, {"width": "x"}, {"height": None}):
            await websocket.send_json(["resize", odd])
            size = json.loads((await received(websocket))[1:])
            assert 10 <= size["width"] <= 500
            assert 4 <= size["height"] <= 200
        await websocket.send_json(["stdin", "still there \ud800"])
        assert await received(websocket) == "Dstill there ?"
        await websocket.send_json(["ping", "7"])
        assert await websocket.receive_json() == ["pong", "7"]


async def test_a_lab_that_ends_closes_its_page_and_a_fault_is_told_to_whoever_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with site(tmp_path) as served, served.visit() as (websocket, told):
        await websocket.send_json(["stdin", "end"])
        async with asyncio.timeout(GIVE_UP):
            assert (await websocket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        await until(lambda: is_gone(told["pid"]) and is_gone(told["child"]))
        await until(lambda: not list(served.homes.iterdir()))
    assert "Visitor 1: a fault ␛[31m" in capsys.readouterr().err


async def test_a_lab_that_will_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "GRACE", 0.05)
    monkeypatch.setattr(visitor, "TERMINATED", 0.05)
    async with site(tmp_path, how="stubborn") as served:
        async with served.visit() as (_, told):
            pass
        await until(lambda: is_gone(told["pid"]) and is_gone(told["child"]))


async def test_the_servers_end_is_everybodys(tmp_path: Path) -> None:
    async with site(tmp_path) as served:
        visits = [await served.session.ws_connect(served.url("/ws")) for _ in range(2)]
        told = [json.loads(await received(connection)) for connection in visits]
    assert all(is_gone(one["pid"]) and is_gone(one["child"]) for one in told)
    assert not list((tmp_path / "homes").iterdir())


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("localhost.example", False), ("", False)],
)  # fmt: skip
def test_what_only_this_machine_can_call(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_tokens_cannot_be_guessed() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(one) >= 32 and one.replace("-", "").replace("_", "").isalnum() for one in tokens)
