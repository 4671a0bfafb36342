"""A dead-man service, which hears of start, success and failure as healthchecks.io does (NOT-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from pec_autorenew.credentials import resolve
from pec_autorenew.errors import SecretUnavailable
from pec_autorenew.notify.deadlines import all_within

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from pec_autorenew.config import Notify

START: Final = "start"
_TRIES: Final = 2


def ping(notify: Notify, event: str | int) -> str:
    """Ping `start`, or the exit code: 0 at the address itself, others below it. Return what went wrong, or ""."""
    if notify.ping_url is None:
        return ""
    try:
        url = resolve(notify.ping_url).get_secret_value().strip()
    except SecretUnavailable as error:
        return f"notify.ping_url: {error.message}"
    if urlsplit(url).scheme not in {"http", "https"}:
        return "notify.ping_url: no web address"
    address = _below(url, event)
    (problem,) = all_within(notify.timeout, [lambda: _get(address, notify.timeout.total_seconds())])
    return f"notify.ping_url did not take a ping ({event}): {problem}" if problem else ""


def _below(url: str, event: str | int) -> str:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=f"{path}/{event}" if event else parts.path))


def _get(address: str, timeout: float) -> str:
    """Fetch the address, once more where the connection failed; return what went wrong, or ""."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    said = ""
    for _ in range(_TRIES):
        asked = Request(address, headers={"User-Agent": "pec-autorenew"})  # noqa: S310 - http or https, see `ping`
        try:
            answer: HTTPResponse
            with urlopen(asked, timeout=timeout) as answer:  # noqa: S310 - likewise
                answer.read(1)
        except HTTPError as error:
            error.close()
            said = f"it answered {error.code}"
        except OSError as error:
            said = "no connection" if not isinstance(error, TimeoutError) else "no answer in time"
        else:
            return ""
    return said
