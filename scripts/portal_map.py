"""Makes `docs/portal-map.md`: every page and documented element, and what the mock portal's layouts show for it.

Run it with the project's own Python: `make docs`, or `.venv/bin/python scripts/portal_map.py`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks import PAGES, Looks, PageLook, redacted
from pec_autorenew.config import Account, Config
from pec_autorenew.config.settings import Layer
from pec_autorenew.config.values import SecretReference
from pec_autorenew.flows.portal import browser_portals
from pec_autorenew.mock_portal import LAYOUTS, Layout, MockPortal
from pec_autorenew.mock_portal.scenarios import STUDIO
from pec_autorenew.model import Mandate, PaymentMethod, WantedMailbox, WantedOrder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pec_autorenew.checks import SeenElement
    from pec_autorenew.flows.portal import BrowserPortal
    from pec_autorenew.mock_portal.options import Billing

MAP: Final = Path(__file__).parent.parent / "docs" / "portal-map.md"
#: The invoice data beside the holder's, or on a page of their own.
_BILLING: Final[Mapping[Layout, Billing]] = {"g2": "inline", "g3": "separate", "g4": "separate"}
_WIDEST: Final = 60
_MAILBOX: Final = "studio.ginepro@pec.it"
_HEAD: Final = """\
# The portal's map

Every page that the client touches, every element that it looks for there, and what was found for it. Made by
`make docs` from a walk (`pec-autorenew check-portal`) over the mock portal's layouts, and held by a test: edit nothing
here by hand. The mock's labels are those of the public guides ([portal-facts.md](portal-facts.md)); its markup is its
own. What the real portal shows, the first person to go there will see: [first-live-run.md](first-live-run.md).

«…» are documented names; a name on the page must agree with one of them in all but case, blanks and apostrophes.
**phrase**: it is enough that the text holds the words. **optional**: some generations, or some customers, do without.
**rows**: each row may have one. A dash: this walk did not meet it there.

"""


@contextmanager
def _password() -> Iterator[SecretReference]:
    """Keep the mock's published password where the client looks for one."""
    os.environ["PEC_MAP_PASSWORD"] = STUDIO.password
    try:
        yield SecretReference(env="PEC_MAP_PASSWORD")
    finally:
        del os.environ["PEC_MAP_PASSWORD"]


def walked(visit: BrowserPortal) -> Looks:
    """Walk the portal for one mailbox of the demo's customer; an order of somebody's stands in the list."""
    walk = visit.walk()
    walk.door()
    visit.sign_in(lambda: None)
    walk.lists()
    survey = visit.survey()
    box = survey.mailbox(_MAILBOX)
    assert box is not None  # noqa: S101 - the scenario has it
    everything = frozenset(one.address for one in survey.mailboxes)
    mandate = Mandate("nobody", date.min, frozenset())
    wanted = WantedMailbox(box.address, box.expiry, box.type, box.tab)
    walk.order(WantedOrder("map", (wanted,), 1, PaymentMethod.BONIFICO, mandate, None, everything))
    walk.leave()
    return walk.looks


def looks_at(layout: Layout) -> Mapping[str, PageLook]:
    """Return what a layout of the mock shows, page by page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _password() as password,
        MockPortal(scenario="demo", layout=layout) as portal,
    ):
        orders = [portal.truth.place_order_for(box).number for box in _others(portal)]
        portal.truth.pay_order(orders[0])
        portal.truth.set_options(kit="offered", billing=_BILLING[layout])
        portal.truth.cancel_order(orders[1])
        tree = {
            "portal": {"base_url": portal.url, "login_origins": list(portal.login_origins)},
            "ledger": {"state_dir": folder},
        }
        config = Config.from_layers((Layer("file", tree),))
        account = Account(name="map", username=STUDIO.username, password=password)
        with browser_portals(config, portal.truth.clock.now, Path(folder)) as open_portal:
            visit = open_portal(account)
            looks = walked(visit)
            visit.close()
    return {key: redacted(look, looks.personal) for key, look in looks.seen.items()}


def _others(portal: MockPortal) -> list[str]:
    boxes = [box for box in portal.truth.mailboxes.values() if box.account == STUDIO.username]
    return [box.address for box in boxes if box.address != _MAILBOX and not box.auto_renewal][:3]


def portal_map() -> str:
    """Return the whole document."""
    seen = {layout: looks_at(layout) for layout in LAYOUTS}
    lines = []
    for key, title in PAGES.items():
        if key == "gestione_caselle_several":
            continue
        looks = {layout: pages.get(key) for layout, pages in seen.items()}
        lines += [f"## {title}", "", *_table(looks), ""]
    return _HEAD + "\n".join(lines).rstrip() + "\n"


def _table(looks: Mapping[Layout, PageLook | None]) -> list[str]:
    elements = next(look.elements for look in looks.values() if look is not None)
    lines = [
        f"| element | documented | how | {' | '.join(looks)} |",
        f"|---|---|---|{'---|' * len(looks)}",
    ]
    for index, element in enumerate(elements):
        found = [_found(look.elements[index]) if look else "–" for look in looks.values()]
        names = " ".join(f"«{name}»" for name in element.documented) or "a flag in each row"
        lines.append(f"| `{element.key}` | {names} | {_how(element)} | {' | '.join(found)} |")
    return lines


def _how(element: SeenElement) -> str:
    words = [
        element.kind,
        "phrase" if element.phrase else "",
        "optional" if element.optional else "",
        "rows" if element.each_row else "",
    ]
    return ", ".join(filter(None, words))


def _found(element: SeenElement) -> str:
    if element.found is None:
        return "–"
    name = element.found.name if len(element.found.name) <= _WIDEST else f"{element.found.name[:_WIDEST]}…"
    return f"{element.found.role} «{name}»".replace("|", "\\|")


def main(arguments: list[str]) -> None:
    """Write the map, or with --check say whether it is what a walk finds now."""
    found = portal_map()
    if "--check" not in arguments:
        MAP.write_text(found, encoding="utf-8")
    elif MAP.read_text(encoding="utf-8") != found:
        sys.exit(f"{MAP.name} is not what a walk over the mock's layouts finds now: run `make docs`")


if __name__ == "__main__":
    main(sys.argv[1:])
