"""`epochal serve`: the lab in a browser, for a class or a colleague."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from pathlib import Path

import click

from epochal.tui.cli.automatic import settings_given
from epochal.tui.cli.lab import lab
from epochal.tui.cli.options import Fault, dataset_named, say

WARNING = (
    "Whoever has this address can read and write the files in {folder}, and use this machine to train. "
    "Nothing on the way is encrypted: keep it to a network you trust."
)
HOME = "Visitors can open whatever is in your home folder: choose another with --folder."


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port; 0 takes one that is free.",
)
@click.option(
    "--visitors",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="At most so many at a time, a process each.",
)
@click.option(
    "--folder",
    default=".",
    metavar="FOLDER",
    help="The only folder visitors read and write; the current one if not given.",
)
@click.option("--token", "wants_token", is_flag=True, help="Ask for a token on 127.0.0.1 too.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[TABLE] [OPTIONS OF THE LAB]")
def serve(
    host: str, port: int, visitors: int, folder: str, wants_token: bool, arguments: tuple[str, ...]
) -> None:
    """Open the lab in a browser, for a class.

    It needs epochal[web]. Everybody who opens the printed address has a lab of their own, with a history of
    its own that ends with it. Files outside the folder are neither read nor written. With --host 0.0.0.0
    other machines are let in, by a token in the address. Every lab begins with TABLE and the lab's options
    (`epochal lab --help`).

    Example: epochal serve iris --port 8080 --visitors 30 --folder class
    """
    if sys.platform == "win32":
        raise Fault("epochal serve needs Linux or macOS.")
    try:
        from epochal.tui.web.guard import Guard, is_loopback, new_token
        from epochal.tui.web.server import Served, serve_until_told
    except ImportError as error:
        raise Fault(f"The browser needs more packages: pip install 'epochal[web]' ({error.name}).") from None

    place = _confined(folder)
    _may_be_opened(arguments)
    listening = _listening(host, port)
    port = listening.getsockname()[1]
    guard = Guard(new_token() if wants_token or not is_loopback(host) else None, f"epochal-{port}")

    def ready() -> None:
        query = f"?token={guard.token}" if guard.token else ""
        say(
            [
                f"The lab is at http://{_called(host)}:{port}/{query}",
                "Ctrl+C ends it and every visitor's lab.",
            ]
        )
        sys.stdout.flush()
        if not is_loopback(host):
            click.echo(WARNING.format(folder=place), err=True)
        if place == Path(os.path.realpath(os.path.expanduser("~"))):
            click.echo(HOME, err=True)

    # Not from the folder, where a visitor could write a module of any name.
    command = (sys.executable, "-P", "-m", "epochal", "lab", *arguments)
    asyncio.run(serve_until_told(Served(command, place, visitors), listening, guard, ready))


def _confined(folder: str) -> Path:
    """The folder, links resolved; from here on this process stands in it and is confined to it."""
    from epochal.data.paths import FOLDER, PathError, kind_of, shortened, typed_path

    try:
        place = Path(os.path.realpath(typed_path(folder)))
        if kind_of(place) != "folder":
            raise PathError(f"There is no folder {shortened(folder)}.")
    except PathError as error:
        raise Fault(str(error)) from None
    homes = os.path.realpath(tempfile.gettempdir())
    if homes == str(place) or homes.startswith(str(place).rstrip(os.sep) + os.sep):
        raise Fault(f"Visitors' histories are kept in {homes}: serve a folder that does not hold it.")
    os.environ[FOLDER] = str(place)
    os.chdir(place)
    return place


def _may_be_opened(arguments: tuple[str, ...]) -> None:
    """What is wrong with the lab's arguments is said now, not to every visitor."""
    with lab.make_context("epochal serve", list(arguments)) as context:
        options = dict(context.params)
    settings_given(options)
    if options["table"]:
        dataset_named(options.pop("table"), options)


def _listening(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = sorted(found, key=lambda one: one[0] != socket.AF_INET)[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror:
        raise Fault(f"There is no address {host} to listen at: name one of this machine's.") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Fault(
            f"Nothing can listen at port {port} of {host}: {reason}. Choose another port, or --port 0 for a"
            " free one."
        ) from None


def _called(host: str) -> str:
    """The host as others call it: an address that means all of them is no name."""
    if host in ("0.0.0.0", "::", ""):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
