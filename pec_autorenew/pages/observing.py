"""What a look can tell of the portal that no guide says: how it is built, what it offers, what it has set beforehand.

Everything here is read, and told without anybody's data: no address, no name, no number of theirs.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from pec_autorenew.checks import Observation, normalised, normalised_address
from pec_autorenew.italian import DATE_IN_TEXT, MONEY_IN_TEXT
from pec_autorenew.model import PaymentMethod
from pec_autorenew.names import DOCUMENTED, core
from pec_autorenew.pages.dati_fatturazione import DatiFatturazionePage
from pec_autorenew.pages.elements import Element
from pec_autorenew.pages.kit_firma import KitFirmaPage
from pec_autorenew.pages.reading import addresses_in, says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pec_autorenew.pages.finding import Screen
    from pec_autorenew.pages.reading import Entry

#: How the document is built, asked of the browser in one question.
_BUILD: Final = """() => {
  const own = new Set(); const fields = []; let roots = 0;
  const walk = (node) => { for (const el of node.querySelectorAll('*')) {
    if (el.localName.includes('-')) own.add(el.localName);
    if (el.localName === 'input' && el.type !== 'hidden') fields.push([el.type, el.name]);
    if (el.shadowRoot) { roots += 1; walk(el.shadowRoot); } } };
  walk(document);
  return { language: document.documentElement.lang, own: [...own].slice(0, 30), roots, fields };
}"""
_PAGED: Final = re.compile(
    r"^(?:successiv[ao]|precedente|avanti|indietro|pagina .*|mostra .*|carica .*|[‹›«»<>]|>>|<<)$"
)
_GREETING: Final = re.compile(r"(?:benvenut[oa]|ciao|buongiorno|buonasera)\W+(.+)", re.IGNORECASE)
_SUMS: Final = re.compile(r"\b(totale|imponibile|iva|importo|prezzo)\b", re.IGNORECASE)
#: Words of a list that are nobody's: a person's name has capitals, no figures, and is in no guide.
_COMMON: Final = frozenset(core(name) for names in DOCUMENTED.values() for name in names)
_SHORTEST: Final = 4


def observations_on(screen: Screen, key: str, outline: Sequence[Entry]) -> tuple[Observation, ...]:
    """Return what the page `key`, which stands on the screen, tells."""
    own = _READERS.get(key)
    return tuple(
        Observation(topic, seen)
        for topic, seen in (*_how_it_is_built(screen, key), *(own(screen, outline) if own else ()))
    )


def personal_words(screen: Screen, key: str) -> frozenset[str]:
    """Return names, what fields hold, and mailboxes with their parts: what no report may show."""
    words: set[str] = set()
    for entry in screen.outline():
        if entry.kind == "field" and entry.value.strip():
            words.add(entry.value.strip())
        if entry.kind == "text":
            words |= addresses_in(entry.text)
            if greeted := _GREETING.search(entry.text):
                words.add(greeted[1].strip(" ,.!"))
    for row in screen.mailbox_rows() if key == "caselle" else ():
        words |= {entry.text.strip() for entry in row.entries if row.listed and entry.plain and _may_be_a_name(entry)}
    return frozenset(word for word in words if len(word) >= _SHORTEST)


def _may_be_a_name(entry: Entry) -> bool:
    text = entry.text.strip()
    capitals = [word for word in text.split() if word[:1].isupper()]
    return len(capitals) > 1 and not re.search(r"\d|:", text) and core(text) not in _COMMON


def _how_it_is_built(screen: Screen, key: str) -> Iterator[tuple[str, str]]:
    parts = urlsplit(screen.frame.url)
    where = normalised_address(parts.netloc, parts.path, [name for name, _ in parse_qsl(parts.query)])
    anchor = normalised_address("#", parts.fragment, ()) if parts.fragment else ""
    yield "address", f"{key}: {where}{anchor}"
    frames = len(screen.page.frames) - 1
    if frames:
        inside = " and this page stands in one" if screen.frame != screen.page.main_frame else ""
        yield "frames", f"{key}: {frames} inner frames{inside}"
    if len(screen.page.context.pages) > 1:
        yield "windows", f"{key}: {len(screen.page.context.pages)} windows are open"
    built: dict[str, Any] = screen.frame.evaluate(_BUILD)
    if key == "ordini":  # it stands on the list's page
        return
    own = f"custom elements ({', '.join(built['own'])})" if built["own"] else "no custom elements"
    yield "technology", f"{key}: {own}, {built['roots']} open shadow roots"
    yield "language", f"the page says that its language is «{built['language']}»"
    if key.startswith("login"):
        yield "sign-in", "fields: " + ", ".join(f"{kind} named «{name}»" for kind, name in built["fields"])


def _login(screen: Screen, outline: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    password = screen.has(Element("password", "login.password"))
    username = screen.has(Element("field", "login.username"))
    asked = "user name and password" if password and username else "the password alone" if password else "the user name"
    yield "sign-in", f"{urlsplit(screen.frame.url).netloc} asks for {asked}"
    for box in (one for one in outline if one.kind == "check"):
        yield "sign-in", f"a box «{normalised(box.name)}», {_set(box)}"
    captcha = screen.has(Element("text", "notices.captcha", phrase=True))
    yield "sign-in", "words of a CAPTCHA stand there" if captcha else "no words of a CAPTCHA"


def _home(screen: Screen, _: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    offered = screen.has(Element("press", "home.renew_mailboxes"))
    yield "entries", f"«Rinnova caselle» is {'offered' if offered else 'not offered'}"
    managed = screen.has(Element("press", "home.manage", near="home.pec_section"))
    yield "entries", f"«Gestisci» in «Posta certificata» is {'offered' if managed else 'not offered'}"


def _list(screen: Screen, outline: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    rows = [row for row in screen.mailbox_rows() if row.listed]
    heads = dict.fromkeys(one.text for one in outline if one.header)
    yield "list", f"columns: {', '.join(heads)}" if heads else "no table heads: one block for each mailbox"
    forms = {_shape(match[0]) for row in rows for match in DATE_IN_TEXT.finditer(row.text)}
    if rows:
        yield "list", f"{len(rows)} mailboxes shown at once, dates written {', '.join(sorted(forms))}"
    tabs = [key for key in ("caselle.tab_own", "caselle.tab_others") if screen.has(Element("press", key))]
    yield "tabs", f"{len(tabs)} tabs" if tabs else "no tabs"
    paged = sorted({one.name for one in outline if one.kind == "press" and _PAGED.match(core(one.name) or one.name)})
    yield "paging", f"controls that look like paging: {', '.join(paged)}" if paged else "nothing that looks like paging"
    searched = [one for one in outline if one.kind == "field"]
    yield "paging", f"{len(searched)} fields to search or filter by"
    states = sorted({state for state in _STATES for row in rows if says(row.text, [state])})
    if rows:
        yield "states", f"states shown: {', '.join(states) or 'none that is documented'}"


def _orders(screen: Screen, _: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    shown = screen.has(Element("text", "ordini.heading"))
    yield "orders", "this login sees an order list" if shown else "this login sees no order list"
    acts = {one.name for row in screen.order_rows() for one in row.entries if one.kind == "press"}
    if count := len(screen.order_rows()):
        yield "orders", f"{count} orders; they offer {normalised(', '.join(sorted(acts))) or 'nothing'}"


def _cart(screen: Screen, outline: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    rows = screen.mailbox_rows()
    flags = [one for row in rows for one in row.entries if one.kind == "check" and one.checked is not None]
    yield (
        "flags",
        f"{len(flags)} flags in the cart, {sum(bool(one.checked) for one in flags)} of them set beforehand",
    )
    for one in outline:
        if one.kind in {"select", "spin", "field"}:
            kinds = ", ".join(normalised(text) for text, _ in one.options[:8])
            yield (
                "cart",
                f"{_named_kind(one)}, set to «{normalised(one.value)}»{f' of {kinds}' if kinds else ''}",
            )
        elif one.kind in {"radio", "option"}:
            yield "cart", f"{_named_kind(one)}, {_set(one)}"
    headed = screen.has(Element("text", "gestione_caselle.heading"))
    yield "entries", f"the cart is {'headed' if headed else 'not headed'} «Gestione caselle PEC»"


def _named_kind(one: Entry) -> str:
    return f"{one.kind} «{normalised(one.name)}»"


def _kit(screen: Screen, _: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    choices = KitFirmaPage(screen).read_choices()
    yield (
        "kit",
        "; ".join(f"{_named_kind(one)}, {_set(one)}" for one in choices) or "no choice to be made",
    )


def _holder(screen: Screen, outline: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    fields = [one for one in outline if one.kind in {"field", "select"}]
    open_ones = [one for one in fields if not one.disabled]
    starred = sum("*" in one.name or one.required for one in fields)
    yield "holder", f"{len(fields)} fields, {len(open_ones)} of them can be edited, {starred} marked as required"
    billing = screen.has(Element("text", "dati_fatturazione.heading"))
    yield "billing", f"«Dati fatturazione» {'stands' if billing else 'does not stand'} inside the holder's page"


def _billing(screen: Screen, outline: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    asked = next(
        (one for one in outline if one.kind == "select" and one.is_named(screen.names.folded(_IDENTIFIER))), None
    )
    if asked is None:
        other = DatiFatturazionePage(screen).asks()
        yield "billing", f"the identifier is {'asked for, without a drop-down' if other else 'not asked for'}"
        return
    kinds = ", ".join(text for text, _ in asked.options)
    yield "billing", f"the identifier is asked for; offered: {kinds}; set to «{normalised(asked.value)}»"


def _form(screen: Screen, outline: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    there = screen.sees(*(Element("choice", f"modulo_ordine.{method}") for method in PaymentMethod))
    shown = [method.value for method, seen in zip(PaymentMethod, there, strict=True) if seen]
    more = screen.has(Element("press", "modulo_ordine.more_methods"))
    yield "methods", f"{', '.join(shown) or 'none'} shown{', «Altre modalità» beside them' if more else ''}"
    chosen = [key for key in shown if any(one.checked and one.is_named(_named(screen, key)) for one in outline)]
    yield "methods", f"chosen beforehand: {', '.join(chosen) or 'none'}"
    yield from _years(screen, outline)
    for box in (one for one in outline if one.kind == "check" and one.names and not one.is_named(_all_methods(screen))):
        star = ", required" if box.required else ""
        yield "consents", f"«{normalised(box.name)}», {_set(box)}{star}"
    for label, after in pairwise(one for one in outline if one.plain):
        figure = MONEY_IN_TEXT.search(label.text) or MONEY_IN_TEXT.search(after.text)
        if _SUMS.search(label.text) and figure:
            yield "totals", f"«{normalised(label.text)[:80]}», written {_shape(figure[0])}"


_ONE_OF_YEARS: Final = re.compile(r"\d+( ann[oi])?$")


def _years(screen: Screen, outline: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    variants = screen.names.folded("modulo_ordine.years")
    for one in outline:
        if one.kind in {"select", "spin", "field"} and one.is_named(variants):
            offered = ", ".join(text for text, _ in one.options)
            yield "years", f"{one.kind}, set to «{one.value}»{f', offers {offered}' if offered else ''}"
    radios = [one for one in outline if one.kind in {"radio", "option"} and _ONE_OF_YEARS.match(core(one.name))]
    if radios:
        yield "years", "; ".join(f"{one.kind} «{core(one.name)}», {_set(one)}" for one in radios)
    if screen.has(Element("press", "modulo_ordine.more_years", near="modulo_ordine.years")):
        texts = [one.text for one in outline if one.kind == "text"]
        at = next((i for i, text in enumerate(texts) if core(text) in variants), len(texts))
        shown = next((text for text in texts[at + 1 : at + 4] if text.strip().isdigit()), "something else")
        yield "years", f"«+» and «-» stand beside it, {shown} between them"


def _shape(text: str) -> str:
    """Return how a date or an amount is written, and not which one it is."""
    return re.sub(r"[A-Za-z]{3,}", "month", re.sub(r"\d", "#", text))


def _named(screen: Screen, method: str) -> list[str]:
    return screen.names.folded(f"modulo_ordine.{method}")


def _all_methods(screen: Screen) -> list[str]:
    return [name for method in PaymentMethod for name in _named(screen, method.value)]


def _set(entry: Entry) -> str:
    return {True: "set", False: "not set", None: "no telling whether it is set"}[entry.checked]


_IDENTIFIER: Final = "dati_fatturazione.identifier"
_STATES: Final = frozenset(
    core(name)
    for key in ("caselle.active", "caselle.expired", "caselle.activating", "caselle.cancelled", "caselle.on_domain")
    for name in DOCUMENTED[key]
)
_READERS: Final[dict[str, Callable[[Screen, Sequence[Entry]], Iterator[tuple[str, str]]]]] = {
    "login": _login,
    "login_username": _login,
    "login_password": _login,
    "home": _home,
    "caselle": _list,
    "ordini": _orders,
    "gestione_caselle": _cart,
    "gestione_caselle_several": _cart,
    "kit_firma": _kit,
    "dati_intestatario": _holder,
    "dati_fatturazione": _billing,
    "modulo_ordine": _form,
}
