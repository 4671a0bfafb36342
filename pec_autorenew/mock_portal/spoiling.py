"""Where faults strike: between the door, which counts what comes in, and the portal that would answer it."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal.faults import Spoilt, step_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pec_autorenew.mock_portal.desk import Desk
    from pec_autorenew.mock_portal.faults import Fault

#: Sent on the next packet, instead of a polite end: SO_LINGER on, no seconds.
_AT_ONCE = struct.pack("ii", 1, 0)
_HTML = (b"content-type", b"text/html; charset=utf-8")


class Spoiler:
    """Serves a request as the portal would, but for the faults that wait at its step."""

    def __init__(self, desk: Desk, portal: ASGIApp, page: str, connection: asyncio.Transport) -> None:
        """Stand in front of the portal for one request, which asks for this page and came by this connection."""
        self._desk = desk
        self._portal = portal
        self._connection = connection
        self._faults = desk.faults.at(step_of(page))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        self._happens(afterwards=False)
        spoilt = next((one for one in self._faults if one.kind.spoilt is not None), None)
        if spoilt is not None and not spoilt.kind.afterwards:
            await self._spoil(spoilt, [], receive, send)
            return
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._portal(scope, receive, keep)
        self._happens(afterwards=True)
        if spoilt is not None:
            await self._spoil(spoilt, answer, receive, send)
            return
        for message in answer:
            await send(message)

    def _happens(self, *, afterwards: bool) -> None:
        for fault in self._faults:
            if fault.kind.happens is not None and fault.kind.afterwards is afterwards:
                fault.kind.happens(self._desk)

    async def _spoil(self, fault: Fault, answer: list[Message], receive: Receive, send: Send) -> None:
        match fault.kind.spoilt:
            case Spoilt.ERROR:
                await _answer(send, 500, b"<h1>Internal Server Error</h1>")
            case Spoilt.BLANK:
                await _answer(send, 200, b"")
            case Spoilt.TOO_MANY:
                again = (b"retry-after", str(int(fault.seconds)).encode())
                await _answer(send, 429, b"<h1>429 Too Many Requests</h1>", again)
            case Spoilt.UNAVAILABLE:
                await _answer(send, 503, b"<h1>503 Service Temporarily Unavailable</h1>")
            case Spoilt.RESET:
                self._break()
                await _gone(receive)
            case _:
                try:
                    await asyncio.wait_for(_gone(receive), fault.seconds)
                except TimeoutError:
                    for message in answer:
                        await send(message)

    def _break(self) -> None:
        """End the connection as a machine does that dies."""
        self._connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._connection.abort()


async def _answer(send: Send, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [_HTML, (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
