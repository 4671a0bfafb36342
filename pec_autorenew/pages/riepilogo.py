"""The order's summary on «Modulo Ordine»: its lines and its sums, read from what is on screen.

The portal's layout of lines and sums is not documented (PF-TOTALS). So every amount on the page has to be accounted
for: it belongs to a wanted mailbox, it is a sum, or it is an extra that stops the order (PRC-5, LOC-2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import TYPE_CHECKING, Final

from pec_autorenew.italian import money_in
from pec_autorenew.model import FormLine
from pec_autorenew.names import DOCUMENTED, core, fold, upsells_in
from pec_autorenew.pages.reading import ADDRESS, Entry, addresses_in, types_in, years_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NET: Final = re.compile(r"imponibile|subtotale|iva esclusa|senza iva|netto|\+ iva")
_VAT: Final = re.compile(r"^(?:di cui |importo |totale |di )?iva\b(?! inclus| compres| esclus)")
_GROSS: Final = re.compile(r"\btotale\b|da pagare|^importo\b")
#: A total that needs no more words: with VAT, or what leaves the purse.
_ALL_IN: Final = re.compile(r"da pagare|iva inclus|iva compres")
_FINAL: Final = re.compile(rf"{_ALL_IN.pattern}|complessivo|totale ordine")
_SUM: Final = re.compile(rf"{_NET.pattern}|{_VAT.pattern}|{_GROSS.pattern}|^sconto\b")
_RENEWAL: Final = re.compile(r"\W*rinnov")
_DOTTED: Final = re.compile(r"\bi\.\s?v\.\s?a\b\.?", re.IGNORECASE)
_BARE: Final = re.compile(r"(?:€|eur\w*|[\d.,\s])+", re.IGNORECASE)
_CENT: Final = Decimal("0.01")
#: What parts the steps of a strip that tells the order's pages, and what numbers them.
_BETWEEN_STEPS: Final = re.compile(r"[>›»→|]|(?<!\S)(?=\d{1,2}[.)°]?\s)")
_ORDINAL: Final = re.compile(r"^\s*(?:passo|step)?\s*\d{1,2}\s*[.)°:-]?\s*", re.IGNORECASE)
_PAGE_OF: Final = {
    core(name): page
    for page in ("gestione_caselle", "dati_intestatario", "dati_fatturazione", "modulo_ordine")
    for name in DOCUMENTED[f"{page}.heading"]
}


class Unreadable(ValueError):
    """The summary cannot be read with certainty."""


class NoTotal(Unreadable):
    """No total stands there at all: none is shown, or none yet."""


@dataclass(slots=True)
class _Group:
    """Lines that stand together: one row of a table, or a mailbox with what follows it."""

    row: int
    texts: list[str] = field(default_factory=list)
    heading: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@dataclass(frozen=True, slots=True)
class Summary:
    """The lines of the order and its sums, in euro; None where the page shows none."""

    lines: tuple[FormLine, ...]
    gross: Decimal
    net: Decimal | None
    vat: Decimal | None


def _groups(entries: Sequence[Entry]) -> list[_Group]:
    groups: list[_Group] = []
    headed = _rows_of_sums(entries)
    for entry in entries:
        if entry.kind != "text" or entry.label or entry.header or entry.within in {"radio", "option", "check"}:
            if entry.kind != "text":
                groups.append(_Group(0))  # a control ends what stood before it
            continue
        if entry.row in headed:
            groups.append(_Group(entry.row, [_spelt(f"{entry.head}: {entry.text}")]))
            continue
        for text in re.split(r"(?=\bdi cui\b)", _spelt(_told(entry))):
            begins = bool(addresses_in(text)) or bool(_SUM.search(fold(text))) or entry.heading
            same_row = entry.row and groups and groups[-1].row == entry.row
            if not groups or (begins and not same_row) or groups[-1].row != entry.row or text.startswith("di cui"):
                groups.append(_Group(entry.row, heading=entry.heading))
            groups[-1].texts.append(text.strip())
    return [group for group in groups if group.texts]


def _rows_of_sums(entries: Iterable[Entry]) -> set[int]:
    """Return the rows that are nothing but amounts, each in a column whose head says which sum it is."""
    rows: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.kind == "text" and entry.row and not entry.header and not entry.label:
            rows.setdefault(entry.row, []).append(entry)
    return {
        row
        for row, said in rows.items()
        if all(_BARE.fullmatch(one.text) and _SUM.search(fold(_spelt(one.head))) for one in said)
    }


def _spelt(text: str) -> str:
    """Return the text with «I.V.A.» written as «IVA»."""
    return _DOTTED.sub("IVA", text)


def _told(entry: Entry) -> str:
    """Return the line, with its column's head where the number alone would not say of what: «anni: 2»."""
    head = fold(entry.head)
    return f"{head}: {entry.text}" if entry.text.isdigit() and (upsells_in(head) or head == "anni") else entry.text


def read_summary(entries: Sequence[Entry], known: frozenset[str]) -> Summary:
    """Return the summary that `entries` show; `known` are all mailboxes of the account.

    Raises Unreadable when no gross total can be told with certainty, or sums do not agree within a cent per line.
    """
    lines: list[tuple[FormLine, tuple[Decimal, ...]]] = []
    importi: list[tuple[Decimal, ...]] = []
    sums: dict[str, set[Decimal]] = {"net": set(), "vat": set(), "gross": set(), "final": set()}
    groups = _groups(entries)
    block = _block(groups, known)
    for at, group in enumerate(groups):
        text, amounts = fold(group.text), money_in(group.text)
        named = addresses_in(group.text)
        boxes = named & known
        if len(boxes) > 1:
            raise Unreadable(f"one line of the order names several mailboxes: {group.text!r}")
        if boxes or (named and (amounts or _is_renewed(group))):
            address = next(iter(boxes or named))
            types, years = types_in(group.texts), years_in(group.text)
            kind = next(iter(types)) if len(types) == 1 else None
            if len(years) > 1:
                raise Unreadable(f"one line of the order names several numbers of years: {group.text!r}")
            lines.append((FormLine(address, group.text, kind, next(iter(years), None)), amounts))
        elif amounts:
            sort = _sort(text)
            if text.startswith("importo") and sort == "gross" and len(amounts) == 1:
                importi.append(amounts)
            elif sort is None or len(set(amounts)) > 1:
                lines.append((FormLine("", group.text, amount=amounts[-1]), ()))
            else:
                sums[sort].add(amounts[0])
        elif upsells_in(text) and (group.row or any(group is one for one in block)) and not _is_step(groups, at):
            lines.append((FormLine("", group.text), ()))
    return _agree(_with_importi(_merged(lines), importi, sums), sums)


def told_total(entries: Sequence[Entry]) -> Decimal | None:
    """Return the one total that is said to be with VAT, or to be what is paid; None where there is none, or several."""
    totals = [group.text for group in _groups(entries) if _sort(fold(group.text)) == "final"]
    told = {amount for text in totals if _ALL_IN.search(fold(text)) for amount in money_in(text)}
    return told.pop() if len(told) == 1 else None


def _block(groups: Sequence[_Group], known: frozenset[str]) -> list[_Group]:
    """Return what stands under one heading with both a mailbox and a total: the order, whatever it is drawn with."""
    block: list[_Group] = []
    for group in [*groups, _Group(0, heading=True)]:
        if not group.heading:
            block.append(group)
            continue
        sums = [one for one in block if _sort(fold(one.text)) in {"gross", "final"} and money_in(one.text)]
        if sums and any(addresses_in(one.text) & known for one in block):
            return block
        block = [group]
    return []


def _with_importi(
    lines: list[tuple[FormLine, tuple[Decimal, ...]]],
    importi: list[tuple[Decimal, ...]],
    sums: dict[str, set[Decimal]],
) -> list[tuple[FormLine, tuple[Decimal, ...]]]:
    """Take «Importo» for what each mailbox costs where a total stands besides and each has one; else for the total."""
    boxes = [line for line, amounts in lines if line.address and not amounts]
    if not (sums["final"] or sums["gross"]) or len(boxes) != len(importi) or len(lines) != len(importi):
        sums["gross"].update(amount for amounts in importi for amount in amounts)
        return lines
    return list(zip(boxes, importi, strict=True))


def _is_step(groups: Sequence[_Group], at: int) -> bool:
    """Whether it is a step of the way: it stands with, or between, the names of two of the order's pages (PRC-6)."""
    around = [_pages_in(group) for group in groups[max(at - 1, 0) : at + 2] if group is not groups[at]]
    between = [len(pages) for pages in around] == [1, 1] and around[0] != around[1] and len(groups[at].texts) == 1
    return between or len(_pages_in(groups[at])) > 1


def _pages_in(group: _Group) -> set[str]:
    """Return the order's pages of which the group holds the whole name, by itself or as one of its parts."""
    parts = [part for text in group.texts for part in _BETWEEN_STEPS.split(text)]
    return {_PAGE_OF[name] for part in parts if (name := core(_ORDINAL.sub("", part))) in _PAGE_OF}


def _is_renewed(group: _Group) -> bool:
    """Whether an address that nobody knew of is in the order, and not there by the way, as a contact or a user."""
    near = group.texts[:3]
    rest = ADDRESS.sub(" ", " ".join(near))
    return bool(types_in(near) or years_in(rest) or _RENEWAL.match(fold(rest)))


def is_net(text: str) -> bool:
    """Whether the words say that an amount in them is without VAT: «€ 20,00 + IVA»."""
    return bool(_NET.search(ADDRESS.sub(" ", fold(_spelt(text)))))


def _sort(text: str) -> str | None:
    if _VAT.search(text):
        return "vat"
    if _NET.search(text):
        return "net"
    if _GROSS.search(text):
        return "final" if _FINAL.search(text) else "gross"
    return None


def _merged(lines: list[tuple[FormLine, tuple[Decimal, ...]]]) -> list[tuple[FormLine, tuple[Decimal, ...]]]:
    """Join the groups of one mailbox: its name may stand in a head and again in a line."""
    merged: dict[str, tuple[FormLine, tuple[Decimal, ...]]] = {}
    extras = []
    for line, amounts in lines:
        if not line.address:
            extras.append((line, amounts))
            continue
        before, earlier = merged.get(line.address, (line, ()))
        if amounts and earlier and amounts != earlier:
            raise Unreadable(f"two lines of the order are for {line.address}")
        if len({before.type, line.type} - {None}) > 1 or len({before.years, line.years} - {None}) > 1:
            raise Unreadable(f"two lines of the order say different things of {line.address}")
        text = line.text if line is before else f"{before.text} {line.text}"  # what either holds is in the order
        line = FormLine(line.address, text, line.type or before.type, line.years or before.years)  # noqa: PLW2901
        merged[line.address] = (line, amounts or earlier)
    return [*merged.values(), *extras]


def _agree(lines: list[tuple[FormLine, tuple[Decimal, ...]]], sums: dict[str, set[Decimal]]) -> Summary:
    grosses = sums["final"] or sums["gross"]
    if len(grosses) != 1:
        shown = ", ".join(str(one) for one in sorted(grosses)) or "none"
        kind = Unreadable if grosses else NoTotal
        raise kind(f"the total to pay cannot be told with certainty (found: {shown})")
    gross = next(iter(grosses))
    net = next(iter(sums["net"])) if len(sums["net"]) == 1 else None
    vat = next(iter(sums["vat"])) if len(sums["vat"]) == 1 else None
    slack = _CENT * max(1, len(lines))
    if net is not None and vat is not None and abs(net + vat - gross) > slack:
        raise Unreadable(f"{net} and {vat} VAT do not make {gross}")
    boxes = [(line, amounts) for line, amounts in lines if line.address]
    extras = [line for line, _ in lines if not line.address]
    if extras:  # not the wanted order, whatever it adds up to: the extra line will say so
        return Summary((*(line for line, _ in boxes), *extras), gross, net, vat)
    return Summary(tuple(_amounts(boxes, gross, net, slack)), gross, net, vat)


def _amounts(
    boxes: list[tuple[FormLine, tuple[Decimal, ...]]], gross: Decimal, net: Decimal | None, slack: Decimal
) -> list[FormLine]:
    """Give each mailbox the amount printed on its line, such that they make the gross (or, printed net, the net)."""
    if not boxes or any(not amounts for _, amounts in boxes):
        if any(amounts for _, amounts in boxes):
            raise Unreadable("some lines of the order show an amount and some do not")
        return [line for line, _ in boxes]
    same = len({len(amounts) for _, amounts in boxes}) == 1
    columns = (
        list(zip(*(amounts for _, amounts in boxes), strict=True)) if same else list(product(*(a for _, a in boxes)))
    )
    for total in (gross, net):
        for column in columns:
            if total is not None and abs(sum(column) - total) <= slack:
                # Printed net, a line costs its share of the gross; to the cent, as the sums are checked.
                parts = [
                    amount if total == gross else (amount * gross / total).quantize(_CENT, ROUND_HALF_UP)
                    for amount in column
                ]
                return [_with(line, part) for (line, _), part in zip(boxes, parts, strict=True)]
    raise Unreadable(f"the lines of the order do not add up to {gross}")


def _with(line: FormLine, amount: Decimal) -> FormLine:
    return FormLine(line.address, line.text, line.type, line.years, amount)
