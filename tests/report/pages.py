"""A page of a run, read back as what it is: markup with text in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.report.document import run_document
from pec_autorenew.report.html import RunPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.office import Office

#: A picture of one pixel.
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" + "1f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5d46b19d0000000049454e44ae426082"
)


@dataclass
class Read(HTMLParser):
    """What stands in a page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    in_style: bool = False

    def __post_init__(self) -> None:
        """Begin."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        self.in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if data.strip() and not self.in_style:
            self.words.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        """All texts as one."""
        return " ".join(self.words)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


def read(html: str) -> Read:
    """Read a page."""
    page = Read()
    page.feed(html)
    page.close()
    return page


def page_of(office: Office, run_id: str) -> RunPage:
    """Return what a run's page is made from."""
    run = office.ledger.run(run_id)
    assert run is not None
    return RunPage(office.config, office.ledger, run, office.state_dir / "runs" / run.id)


def html_with(office: Office, run_id: str, **item: Any) -> str:  # noqa: ANN401 - whatever an item holds
    """Return the page of a run whose items all say this."""
    page = page_of(office, run_id)
    document = run_document(page.run)
    return page.html({**document, "items": [{**one, **item} for one in document["items"]]})


def with_report(page: RunPage, **report: object) -> RunPage:
    """Return the page of a run with another report in the ledger."""
    told: Mapping[str, object] = {**(page.run.report or {}), **report}
    return replace(page, run=replace(page.run, report=told))
