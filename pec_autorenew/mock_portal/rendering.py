"""From truth to text: templates, assets, and how this portal prints money and days."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from starlette.requests import Request

    from pec_autorenew.mock_portal.naming import Renamer

HERE = Path(__file__).parent
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
LINKED_DOCUMENTS = {
    "Condizioni generali di contratto": "/documenti/condizioni",
    "clausole vessatorie": "/documenti/clausole",
    "informativa relativa al trattamento dei dati": "/documenti/informativa",
}
NO_STORE = {"cache-control": "no-store"}
MONTHS = (
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
    *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
)
FOR_AN_HOUR = {"cache-control": "max-age=3600"}


def euro(cents: int) -> str:
    """Print an amount as this portal does: `€ 1.234,56`."""
    whole, rest = divmod(cents, 100)
    return f"€ {whole:,}".replace(",", ".") + f",{rest:02}"


def day(value: date | datetime) -> str:
    """Print a day as `31/12/2026`."""
    return f"{value:%d/%m/%Y}"


def day_in_words(value: date | datetime) -> str:
    """Print a day as `31 dicembre 2026`, the first of a month as `1° gennaio 2027`."""
    number = "1°" if value.day == 1 else value.day
    return f"{number} {MONTHS[value.month - 1]} {value.year}"


def linked(text: str) -> Markup:
    """Turn the names of the legal documents inside a sentence into links."""
    sentence = str(escape(text))
    for name, address in LINKED_DOCUMENTS.items():
        sentence = sentence.replace(name, f'<a href="{address}" target="_blank">{name}</a>')
    return Markup(sentence)  # noqa: S704 (escaped above)


class Rendering:
    """Renders templates and serves assets, renamed if the portal was started so."""

    def __init__(self, rename: Renamer) -> None:
        """Load templates from this package."""
        self.rename = rename
        self.reword: Callable[[str], str] = str
        self.finish: Callable[[str], str] = str
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"euro": euro, "day": day, "day_in_words": day_in_words, "linked": linked}

    def page(self, template: str, /, **values: object) -> HTMLResponse:
        """Answer with a page that no browser keeps."""
        text = self._templates.get_template(template).render(values)
        return HTMLResponse(self.rename(self.finish(self.reword(text))), headers=NO_STORE)

    async def asset(self, request: Request) -> Response:
        """Answer with a style sheet or a script."""
        path = (HERE / "static" / str(request.path_params["path"])).resolve()
        if not path.is_relative_to(HERE / "static") or not path.is_file():
            return Response(status_code=404)
        text = self.rename(self.reword(path.read_text("utf-8")))
        return Response(text, media_type=MEDIA_TYPES[path.suffix], headers=FOR_AN_HOUR)
