"""While a password is typed: nothing that holds it leaves the browser for an origin where it may not go (SEC-2).

Where a form posts to is looked at before anything is typed; a script may post it elsewhere all the same.
"""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, quote_plus, urlsplit

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.errors import ForeignOrigin

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from playwright.sync_api import BrowserContext, Route
    from pydantic import SecretStr


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
        parts = urlsplit(route.request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self.origins or not self._carried(route.request.url, route.request.post_data_buffer or b""):
            route.fallback()
            return
        self.refused.append(origin)
        route.abort("blockedbyclient")

    def _carried(self, address: str, body: bytes) -> bool:
        plain = self.secret.get_secret_value()
        spellings = {plain, quote(plain), quote(plain, safe=""), quote_plus(plain), json.dumps(plain)[1:-1]}
        spellings.add(b64encode(plain.encode()).decode())
        return any(one in address or one.encode() in body for one in spellings)
