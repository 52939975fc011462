"""`epochal serve`: what it refuses before anybody comes, what it prints, and that nothing of it stays."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from epochal.data.paths import FOLDER
from tests.browser import labs_of, serving
from tests.runs import GIVE_UP, told

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def test_what_cannot_be_served_is_refused_before_anybody_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    (tmp_path / "class").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        wrong = {
            ("--folder", f"{tmp_path}/missing"): "There is no folder",
            ("--folder", "/"): "Visitors' histories are kept in",
            ("--folder", f"{tmp_path}/class", "../secret.csv"): "outside",
            ("--folder", f"{tmp_path}/class", "nosuch"): "no table and no file",
            ("--epochs", "none"): "Epochs",
            ("--port", port): f"port {port}",
            ("--host", "no.such.host.invalid"): "no address",
        }
        for arguments, said in wrong.items():
            # Each confines the process as it goes; here the next one is another process's.
            monkeypatch.setenv(FOLDER, "")
            monkeypatch.chdir(tmp_path)
            assert said in told("serve", *arguments, code=1).stderr, arguments


async def _visit(address: str, seen: bytes) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    """A visitor's connection, once the lab has drawn so much."""
    session = aiohttp.ClientSession()
    base, _, query = address.replace("http:", "ws:").partition("?")
    websocket = await session.ws_connect(f"{base}ws?{query}")
    drawn = b""
    async with asyncio.timeout(GIVE_UP):
        while seen not in drawn:
            drawn += await websocket.receive_bytes()
    return session, websocket


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
async def test_however_the_server_ends_the_labs_end_with_it(number: signal.Signals, tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0") as (address, process):
        assert re.search(r"/\?token=\S{32,}$", address)
        address = re.sub(r"//[^/:]+", "//127.0.0.1", address)
        session, _ = await _visit(address, b"column_2C_weka")
        labs = labs_of(process)
        assert len(labs) == 1
        environment = Path(f"/proc/{labs[0]}/environ").read_bytes().decode().split("\0")
        assert f"EPOCHAL_FOLDER={tmp_path}" in environment
        process.send_signal(number)
        _, printed = await asyncio.to_thread(process.communicate, None, GIVE_UP)
        await session.close()
        assert process.returncode == (0 if number == signal.SIGINT else -number)
        assert f"can read and write the files in {tmp_path}" in printed
        assert "Traceback" not in printed
        async with asyncio.timeout(GIVE_UP):
            while any(os.path.exists(f"/proc/{one}/exe") for one in labs):
                await asyncio.sleep(0.05)
