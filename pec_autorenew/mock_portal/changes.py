"""Prepared changes of the false portal, as a release of the real one might bring them: for tests that must find them.

A scenario names them like faults: `single+renamed-button`. They hold from the start, on every layout.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS, Consent, ExtraOffer
from pec_autorenew.mock_portal.values import Method

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pec_autorenew.mock_portal.truth import Truth


@dataclass(frozen=True, slots=True)
class Change:
    """One change: where a person meets it, and how the portal makes it."""

    name: str
    text: str
    #: The page, as the portal calls it.
    page: str
    #: Options that differ from the start.
    options: Mapping[str, object] = field(default_factory=dict)
    #: What is served otherwise, in pages and scripts: a pattern, and what stands in its place.
    words: tuple[tuple[str, str], ...] = ()


_UNFAIR = "clausole vessatorie"
_PHONE = '<p><label>Telefono cellulare * <input name="telefono" required></label></p>'

_CHANGES = (
    Change(
        "renamed-button",
        "the binding click is called «Invia la richiesta»",
        "Modulo Ordine",
        words=(("(?i)conferma e completa l'ordine", "Invia la richiesta"),),
    ),
    Change(
        "missing-consent",
        "the consent to the «clausole vessatorie» is gone",
        "Modulo Ordine",
        {"consents": tuple(one for one in DEFAULT_CONSENTS if _UNFAIR not in one.text)},
    ),
    Change(
        "new-consent",
        "a consent that nobody knows must be given",
        "Modulo Ordine",
        {"consents": (*DEFAULT_CONSENTS, Consent(text="Autorizzo la conservazione digitale dei messaggi."))},
    ),
    Change(
        "missing-method",
        "«Bonifico» is offered no more",
        "Modulo Ordine",
        {"methods": tuple(one for one in Method if one is not Method.BONIFICO)},
    ),
    Change(
        "extra-item",
        "the order has a line «Marca Temporale 50» that nobody chose",
        "Modulo Ordine",
        {"extra_line": ExtraOffer(text="Marca Temporale 50", net_cents=1000)},
    ),
    Change(
        "total-format",
        "amounts are written «EUR 6.10» instead of «€ 6,10»",
        "Modulo Ordine",
        words=(
            (r"€ (\d+),(\d\d)", r"EUR \1.\2"),
            (r"moneyFormat\.format\(cents / 100\)", "`EUR ${(cents / 100).toFixed(2)}`"),  # where scripts write them
        ),
    ),
    Change(
        "new-field",
        "a telephone number must be given",
        "Dati Intestatario",
        words=(
            (r'(?=<p class="mk-nota">\* dati obbligatori)', _PHONE),
            (r'(?s)(</dl>.*)(?=<div class="mk-foot"><button class="mk-btn">Prosegui e completa)', rf"\1{_PHONE}"),
            ("(?=<p>Controlla i tuoi dati: invieremo)", _PHONE),  # g4, which sends no form there
            (
                r"(?<=const \{ billing \} = this\.draft\.offer;)",
                " if (!this.find('[name=telefono]').value) return;",
            ),
        ),
    ),
    Change(
        "page-order",
        "the kit of «Firma Digitale» is offered after the holder's data",
        "Aggiungi al tuo ordine un kit di Firma Digitale",
        {"kit": "offered", "kit_after_holder": True},
        words=(  # of g4, whose way is drawn in the browser
            (r'offer\.kit === "absent" \? "intestatario" : "kit"', '"intestatario"'),
            (r"(?<=accepted\(\)\) )openForm\(this\.address\)", 'go(step(this.address, "kit"))'),
            (r'else go\(step\(this\.address, "intestatario"\)\)', "else openForm(this.address)"),
        ),
    ),
    Change(
        "renamed-row-link",
        "«Rinnova» in the rows is called «Proroga»",
        "Caselle PEC",
        words=((">Rinnova</", ">Proroga</"),),
    ),
    Change(
        "state-word",
        "«Attesa pagamento» of an order is called «In lavorazione»",
        "Ordini associati al servizio",
        words=(("(?i)(in )?attesa pagamento", "In lavorazione"),),
    ),
)
CHANGES: Mapping[str, Change] = {one.name: one for one in _CHANGES}


def apart(names: Sequence[str]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return the changes among these names of a scenario, and the other names."""
    changes = tuple(CHANGES[name] for name in names if name in CHANGES)
    return changes, tuple(name for name in names if name not in CHANGES)


def changes_of(scenario: str) -> tuple[Change, ...]:
    """Return the changes that a scenario names."""
    return apart(scenario.split("+")[1:])[0]


def apply(truth: Truth, changes: Sequence[Change]) -> None:
    """Let the portal behave otherwise from the start."""
    for change in changes:
        truth.set_options(**change.options)


class Rewording:
    """Serves other words than are written in templates and scripts."""

    def __init__(self, changes: Sequence[Change] = ()) -> None:
        """Know what is to be replaced."""
        self._words = [(re.compile(old), new) for change in changes for old, new in change.words]

    def __call__(self, text: str) -> str:
        """Replace it."""
        for old, new in self._words:
            text = old.sub(new, text)
        return text
