"""Textual's driver for browsers: no mouse, as in a terminal, and an end when nobody reads any more."""

from __future__ import annotations

from textual import messages
from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Draws into the pipe that the server reads; when that is closed, the lab ends."""

    def start_application_mode(self) -> None:
        """Begin to draw; the mouse stays the browser's, which selects text with it."""
        super().start_application_mode()
        if not self._mouse:
            # Asked for there whatever the app wants.
            self.write("\x1b[?1003l")

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            super()._enable_mouse_support()

    def run_input_thread(self) -> None:
        """Read what is typed until the app ends, or the server is gone, which ends the app."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())
