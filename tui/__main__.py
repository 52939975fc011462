"""Where `epochal` begins."""

import gc
import os


def main() -> None:
    """Run the command line."""
    # A first paint within half a second: collecting garbage while a thousand modules are imported finds
    # none, and pydantic would search every installed package for plugins nobody here has.
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from tui.command_line import epochal

    gc.enable()
    epochal(prog_name="epochal")


if __name__ == "__main__":
    main()
