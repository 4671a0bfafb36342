"""Where letters arrive: in memory, and on loopback."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Final, Self

from pec_autorenew.notify.channels import Delivery
from pec_autorenew.notify.digest import compose
from tests.year.stage import Letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.notify.digest import Notice

#: What Apprise calls the severities.
_SEVERITIES: Final = {"info": "info", "warning": "warning", "failure": "alarm"}


@dataclass
class Postman:
    """A notifier that carries messages to one letter box, with all names in them."""

    clock: Callable[[], datetime]
    letters: list[Letter] = field(default_factory=list)
    run_is_over: bool = False

    def send(self, notice: Notice) -> Delivery:
        """Put it into the letter box."""
        message = compose(notice, "it", reveal=True)
        assert message is not None
        letter = Letter(self.clock(), message.severity.value, message.title, message.body, self.run_is_over)
        self.letters.append(letter)
        return Delivery()


class LetterBox:
    """Takes what Apprise posts, on loopback."""

    def __init__(self) -> None:
        self._taken: list[dict[str, str]] = []
        taken = self._taken

        class Slot(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library has it
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Slot)
        self._thread = Thread(target=self._server.serve_forever, name="letter-box", daemon=True)
        self.url = f"json://127.0.0.1:{self._server.server_port}/letters"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def empty(self, at: datetime) -> tuple[Letter, ...]:
        """Return what came since the last time."""
        came = tuple(Letter(at, _SEVERITIES[one["type"]], one["title"], one["message"]) for one in self._taken)
        self._taken.clear()
        return came
