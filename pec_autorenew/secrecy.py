"""While a password is typed: nothing that holds it leaves the browser for an origin where it may not go (SEC-2).

Where a form posts to is looked at before anything is typed; a script may post it elsewhere all the same.
"""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote, unquote_plus, urljoin, urlsplit

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.errors import ForeignOrigin

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from playwright.sync_api import BrowserContext, Route
    from pydantic import SecretStr


#: Redirects after which the browser sends the same body again.
_KEEPS_THE_BODY: Final = frozenset({307, 308})


@dataclass  # no slots: Playwright keeps its wrappers of bound handlers on their object
class Secrecy:
    """Stops each request that carries the secret to another origin; on leaving, raises ForeignOrigin if one did."""

    context: BrowserContext
    secret: SecretStr
    origins: Collection[str]
    #: The origins that would have got it.
    refused: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Stand between the browser and everybody."""
        self.context.route("**/*", self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Step aside."""
        with suppress(PlaywrightError):  # the browser is gone, and the routes with it
            self.context.unroute("**/*", self._handle)
        if self.refused:
            raise ForeignOrigin(
                f"what was typed would have gone to {', '.join(dict.fromkeys(self.refused))}, which is not in "
                "portal.login_origins; it was stopped (SEC-2)"
            ) from error

    def _handle(self, route: Route) -> None:
        request = route.request
        carried = self._carried(request.url, request.post_data_buffer or b"")
        if not _is_in(request.url, self.origins):
            if carried:
                self.refused.append(_origin(request.url))
            if carried or request.post_data_buffer:  # however it may be spelled
                route.abort("blockedbyclient")
                return
        elif carried and request.method != "GET":
            self._send_no_further(route)
            return
        route.fallback()

    def _send_no_further(self, route: Route) -> None:
        """Send it ourselves: a redirect that keeps the body would carry it on, and no route sees one."""
        try:
            answer = route.fetch(max_redirects=0, max_retries=0)
        except PlaywrightError:
            route.abort("failed")
            return
        target = urljoin(route.request.url, answer.headers.get("location", ""))
        if answer.status in _KEEPS_THE_BODY and not _is_in(target, self.origins):
            self.refused.append(_origin(target))
            route.abort("blockedbyclient")
            return
        route.fulfill(response=answer)

    def _carried(self, address: str, body: bytes) -> bool:
        plain = self.secret.get_secret_value()
        text = body.decode("utf-8", errors="replace")
        sent = {one for raw in (address, text) for one in (raw, unquote(raw), unquote_plus(raw))}
        spellings = {plain, json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1]}
        spellings.add(b64encode(plain.encode()).decode())
        return any(spelling in one for spelling in spellings for one in sent)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _is_in(address: str, origins: Collection[str]) -> bool:
    return _origin(address) in origins
