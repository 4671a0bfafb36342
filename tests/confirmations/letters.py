"""Mails as a receiving server leaves them: what it wrote on top, and what came with them. All invented."""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message

SERVER = "mx.posta.example"
#: What the receiving server writes of a mail that is the portal's own.
GENUINE = f"Authentication-Results: {SERVER}; dkim=pass header.d=staff.aruba.it"
#: The last hop, as that server writes it.
HOP = (
    "Received: from out.staff.aruba.it (out.staff.aruba.it [192.0.2.25])\r\n"
    f"\tby {SERVER} (Postfix) with ESMTPS id 4F2A for <studio@posta.example>;\r\n"
    "\tTue, 01 Dec 2026 09:31:02 +0100 (CET)"
)
BODY = "Gentile cliente,\r\nabbiamo ricevuto l'ordine.\r\nNumero ordine: 1001\r\nCasella: a@pec.it\r\n"


def letter(
    *,
    top: str = f"{HOP}\r\n{GENUINE}",
    sender: str = "From: Aruba <ordini@staff.aruba.it>",
    subject: str = "Conferma ordine",
    date: str = "Tue, 01 Dec 2026 09:31:00 +0100",
    message_id: str = "<20261201.1@staff.aruba.it>",
    content_type: str = "text/plain; charset=utf-8",
    body: str = BODY,
) -> bytes:
    """Return a mail; what is given differs from a genuine «Conferma ordine»."""
    lines = [
        "Return-Path: <ordini@staff.aruba.it>",
        *([top] if top else []),
        "Received: from app (app.staff.aruba.it [192.0.2.26]) by out.staff.aruba.it; Tue, 01 Dec 2026 09:31:00 +0100",
        sender,
        "To: studio@posta.example",
        f"Subject: {subject}",
        f"Date: {date}",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
        "",
        body,
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def parsed(**lines: str) -> Message:
    """Return a mail as the library gives it."""
    return message_from_bytes(letter(**lines))
