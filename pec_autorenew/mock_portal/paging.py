"""A long list, page by page or with «Mostra altre»."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from pec_autorenew.mock_portal.options import Options
    from pec_autorenew.mock_portal.sessions import Session

Item = TypeVar("Item")
NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """What is shown of a list, and how the rest is reached."""

    items: tuple[Item, ...]
    number: int = 1
    #: Numbers of the pages to name; empty if there is but one.
    numbers: tuple[int, ...] = ()
    count: int = 1
    #: The page number to ask for in order to see more below what is shown; 0: that is all.
    more: int = 0


def page_asked(request: Request, session: Session, options: Options) -> str:
    """Return the page that the address asks for; where the portal keeps it, the one that was looked at last."""
    asked: str = request.query_params.get("pagina", "")
    kept = session.pages.get(request.url.path, "") if options.page_kept else ""
    session.pages[request.url.path] = asked or kept
    return asked or kept


def page_of(items: Sequence[Item], options: Options, asked: str) -> Page[Item]:
    """Cut a list as the options say, at the page that is asked for."""
    size = options.page_size
    count = -(-len(items) // size) if size else 1
    if count <= 1:
        return Page(tuple(items))
    number = min(max(int(asked) if asked.isdecimal() else 1, 1), count)
    if options.paging == "more":
        return Page(tuple(items[: number * size]), more=number + 1 if number < count else 0)
    near = [one for one in range(1, count + 1) if one in {1, count} or abs(one - number) <= NEIGHBOURS]
    return Page(tuple(items[(number - 1) * size : number * size]), number, tuple(near), count)
