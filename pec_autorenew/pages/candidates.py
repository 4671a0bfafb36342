"""What stands on a page in the place of a documented element: candidates, the likeliest first, for a person (DRF-4).

Nothing is chosen here, and nothing heals itself: each candidate comes with the line of the configuration that would
choose it. What would bind, pay or cancel something is never a candidate for anything else.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

from pec_autorenew.errors import Candidate
from pec_autorenew.names import CONSENTS, FOREIGN_TO_CONSENT, core, fold, known_keys
from pec_autorenew.pages.masking import is_personal, masked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pec_autorenew.names import Names
    from pec_autorenew.pages.elements import Element

#: What may stand in the place of what: kinds as `finding.js` tells them.
_FAMILY: Final[Mapping[str, frozenset[str]]] = {
    "press": frozenset({"press"}),
    "check": frozenset({"check"}),
    "choice": frozenset({"radio", "option", "press", "check"}),
    "radio": frozenset({"radio", "option"}),
    "field": frozenset({"field"}),
    "select": frozenset({"select"}),
    "spin": frozenset({"spin", "field", "select", "text"}),
    "heading": frozenset({"text"}),
    "text": frozenset({"text"}),
    "password": frozenset(),  # it has no name to be told by, and no other field may be given a password
}
#: What pays, cancels, buys anew or switches something on or off: never in the place of another element.
_DANGEROUS: Final = re.compile(
    r"^pag(a|ament)|^pay\b|annull|acquista di nuovo|autorizza|^(dis)?attiva\b|^(non )?attivo$|rinnovo automatico|"
    r"elimin|cancell|disdi|disdett|revoc|reced|rimborso"
)
#: What leads away from the page, back, or to words about it.
_ASIDE: Final = re.compile(
    r"^(esci|logout|log out|home|menu|help|faq)\b|aiuto|assistenza|privacy|cookie|^torna|indietro|modific|corregg|"
    r"non ricord|dimentic|recuper|mostra|scaric|stampa|ricalcol|registrat|leggi|scopri|informativ|condizion|clausol|"
    r"contatt|salva|iscriv|newsletter|^cerca\b"
)
_ONWARD: Final = re.compile(
    r"avanti|prosegui|proced|continua|conferm|invia|ordina|acquist|complet|acced|entra|login|sign in|conclud|termina|"
    r"fatto|next|continue|submit"
)
#: Of these elements the page has one, and it goes on.
_GOING_ON: Final = (".submit", ".next", ".proceed", ".confirm")
_ATTRIBUTES: Final = ("data-testid", "data-test", "data-qa", "name", "id")
_HEAD: Final = re.compile(r"\s[-–—]\s|\s*[(:,;—–]|\.\s")
_LONGEST: Final = 160
_MOST: Final = 5
_LEAST_SCORE: Final = 0.2
_LEAST_LIKENESS: Final = 0.35

#: «2 anni»: what «Frequenza di rinnovo» offers is no other element.
_YEARS: Final = re.compile(r"\d+ ann[oi]$")


class Seen(TypedDict):
    """A control or a line of text, as `finding.js` describes it."""

    kind: str
    role: str
    names: list[str]
    #: The heading above it.
    under: str
    #: Whether it stands in the page's head, foot or menu.
    aside: bool
    #: Whether it stands inside a control.
    inner: bool
    #: Whether it sends the form in which fields or boxes stand.
    submits: bool
    #: Whether its colour makes it stand out.
    filled: bool
    #: Whether a «+» to press follows it, or numbers of years to choose from.
    steps: bool
    #: Whether it stands beside the words where the element is documented to stand.
    close: bool
    marks: dict[str, str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """An element that is not there exactly once, and what else stands there."""

    element: Element
    names: Names
    #: What bears its name, in reading order, and everything else.
    found: Sequence[Seen]
    others: Sequence[Seen]
    #: Whether a selector finds exactly one visible element there.
    is_unique: Callable[[str], bool]

    def is_missing(self) -> bool:
        """Whether it is not there: nothing bears its name, or not beside the words where it is documented to stand."""
        astray = bool(self.element.near) and not any(one["close"] for one in self.found)
        return not self.found or (astray and any(one["close"] for one in self.others))

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the candidates, the likeliest first."""
        if self.element.key not in known_keys():
            return ()
        if self.is_missing():
            return self._instead()
        best = sorted(enumerate(self.found), key=lambda pair: -_prominence(pair[1]))
        return tuple(self._one_of_several(one, number) for number, one in best[:_MOST])

    # -- none of them ------------------------------------------------------------------------------------------------

    def _instead(self) -> tuple[Candidate, ...]:
        family = _FAMILY[self.element.kind]
        peers = [one for one in self.others if one["kind"] in family]
        if any(one["close"] for one in peers):  # what has the name elsewhere is another thing's
            peers = [one for one in peers if one["close"] or self._likeness(self._telling_name(one)) < 1]
        ranked = []
        for one in peers:
            name = self._telling_name(one)
            if name and not self._is_forbidden(name):
                score = self._score(one, name, peers)
                if score >= _LEAST_SCORE:
                    ranked.append((score, one, name))
        ranked.sort(key=lambda entry: -entry[0])
        told: dict[str, Candidate] = {}
        for _, one, name in ranked:
            told.setdefault(core(name), self._named(one, name, peers))
        return tuple(told.values())[:_MOST]

    def _telling_name(self, one: Seen) -> str:
        """Return the name by which it may be told: most like the documented one, and nobody's own."""
        plain = [name for name in one["names"] if name and not is_personal(name)]
        short = [name if len(name) <= _LONGEST else _HEAD.split(name)[0][:_LONGEST] for name in plain]
        return max(short, key=self._likeness, default="")

    def _likeness(self, name: str) -> float:
        return max(likeness(name, wanted) for wanted in self.names.folded(self.element.key))

    def _is_forbidden(self, name: str) -> bool:
        if self.element.kind in {"heading", "text", "spin", "field", "select"}:
            return False
        if self.element.key in CONSENTS.values():
            return any(word in fold(name) for word in FOREIGN_TO_CONSENT)
        return bool(_DANGEROUS.search(core(name)))

    def _score(self, one: Seen, name: str, peers: Sequence[Seen]) -> float:
        alike, key = self._likeness(name), self.element.key
        others = {named for other in known_keys() - {key} for named in self.names.folded(other)}
        taken = core(name) in others - set(self.names.folded(key)) or bool(_YEARS.match(core(name)))
        score = alike - 0.5 * one["aside"] - 0.4 * taken
        if self.element.kind in {"heading", "text"}:
            headed = one["role"] == "heading" == self.element.kind
            return 0.6 * headed + score if (headed or alike > _LEAST_LIKENESS) and not one["inner"] else 0.0
        if self.element.kind == "spin" and one["kind"] == "text":
            return (0.3 + 0.7 * alike) * bool(one["steps"])
        score += 0.35 * one["close"] + 0.3 * (sum(not peer["aside"] for peer in peers) == 1)
        if self.element.kind != "press":
            return score + 0.1 * (one["kind"] != "press")
        documented = " ".join(self.names.folded(key))
        minor = _ASIDE.search(core(name)) and not _ASIDE.search(documented)
        score += 0.1 * (one["role"] == "button") - 0.4 * bool(minor)
        if key.endswith(_GOING_ON):
            last = [peer for peer in peers if not peer["aside"] and peer["role"] == "button"][-1:]
            return score + _prominence(one) + 0.15 * (one in last) + 0.15 * bool(_ONWARD.search(core(name)))
        return score + 0.2 * one["filled"] - 0.3 * one["submits"]

    def _named(self, one: Seen, name: str, peers: Sequence[Seen]) -> Candidate:
        """Return the candidate with the line that gives its name, or, where others bear it too, its place."""
        same = [
            peer
            for peer in peers
            if peer["kind"] == one["kind"] and core(name) in {core(other) for other in peer["names"]}
        ]
        alone = len(same) == 1 or bool(self.element.near and one["close"])
        if alone or self.element.kind in {"heading", "text"}:
            line = f"{self.element.key} = [{_quoted(name)}]"
            return self._candidate(one, name, "portal.names", line)
        selector = self._selector(one, {"names": [core(name)]}, same.index(one))
        return self._candidate(one, name, "portal.locators", f"{self.element.key} = {_quoted(selector)}")

    # -- several of them -----------------------------------------------------------------------------------------------

    def _one_of_several(self, one: Seen, number: int) -> Candidate:
        name = self._telling_name(one) or next(iter(one["names"]), "")
        bearers = [other for other in self.found if core(name) in {core(other_name) for other_name in other["names"]}]
        if name and not is_personal(name) and len(bearers) == 1:
            line = f"{self.element.key} = [{_quoted(name)}]"
            return self._candidate(one, name, "portal.names", line)
        near = {"near": self.names.folded(self.element.near)} if self.element.near else {}
        phrase = {"has": True} if self.element.phrase else {}
        query = {"names": self.names.folded(self.element.key), **phrase, **near}
        selector = self._selector(one, query, number)
        where = ", ".join(filter(None, (_under(one), f"{number + 1} of {len(self.found)}")))
        return self._candidate(
            one, masked(name), "portal.locators", f"{self.element.key} = {_quoted(selector)}", where=where
        )

    def _selector(self, one: Seen, query: Mapping[str, object], number: int) -> str:
        """Return what finds exactly this one: an attribute that no other has, or its name and its place."""
        for attribute in _ATTRIBUTES:
            value = one["marks"].get(attribute, "")
            selector = f"[{attribute}={json.dumps(value)}]"
            if value.isascii() and value and not is_personal(value) and self.is_unique(selector):
                return selector
        return f"documented={json.dumps({'kind': self.element.kind, **query}, ensure_ascii=False)} >> nth={number}"

    def _candidate(self, one: Seen, name: str, table: str, line: str, *, where: str | None = None) -> Candidate:
        return Candidate(
            self.element.key,
            str(one["role"]),
            name,
            round(self._likeness(name), 2) if name else 0.0,
            line,
            table,
            _under(one) if where is None else where,
        )


def likeness(name: str, wanted: str) -> float:
    """Return from 0 to 1 how like two names are: half by their letters, half by the words that they share."""
    one, other = core(name), core(wanted)
    if one == other:
        return 1.0
    words, others = set(re.findall(r"\w+", one)), set(re.findall(r"\w+", other))
    shared = 2 * len(words & others) / (len(words) + len(others)) if words or others else 0.0
    return (difflib.SequenceMatcher(None, one, other).ratio() + shared) / 2


def _prominence(one: Seen) -> float:
    """Return how much it looks like what goes on from the page."""
    return 0.35 * one["submits"] + 0.25 * one["filled"] - 0.5 * one["aside"]


def _under(one: Seen) -> str:
    return f"under «{masked(one['under'])}»" if one["under"] else ""


def _quoted(text: str) -> str:
    """Return a TOML string: literal where that spares the reader backslashes."""
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
