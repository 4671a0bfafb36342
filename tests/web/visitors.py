"""What visitors of the mock portal do who have no browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


def sign_in_at_the_site(web: httpx.Client, username: str, password: str) -> httpx.Response:
    """Sign in to the layout of about 2022: user name and password on two pages of another origin."""
    return send(web, send(web, web.get("/"), username=username), password=password)


def send(web: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
    """Send the first form of a page, with nothing but these fields."""
    found = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert found is not None, page.text
    return web.post(page.url.join(found[1]), data=fields)
