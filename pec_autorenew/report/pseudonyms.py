"""Who is in a record goes by a number: what may be told to a stranger, and the same name for the same one throughout.

Nothing is told because it looks harmless. What names somebody, by the place where it stands, gets a pseudonym wherever
it comes again; of all other text only those words stay that the portal's guides or this program itself use (SEC-4).
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pec_autorenew
from pec_autorenew.names import fold
from pec_autorenew.pages.masking import GONE, veiled

#: Where a value stands, and whom or what it names there.
NAMED: Final[Mapping[str, str]] = {
    "account": "account",
    "client": "client",
    "mailbox": "mailbox",
    "mailboxes": "mailbox",
    "address": "mailbox",
    "addresses": "mailbox",
    "order_number": "order",
    "order_numbers_before": "order",
    "number": "order",
    "open_order": "order",
    "group": "click",
}
#: The same for a stored configuration, where a name alone is an account's.
NAMED_IN_CONFIGURATION: Final[Mapping[str, str]] = {
    "name": "account",
    "client": "client",
    "username": "user",
    "shown_as": "user",
    "address": "mailbox",
    "value": "identifier",
    "given_by": "person",
    "include": "pattern",
    "exclude": "pattern",
}
#: Our own codes: an account that is called «live» does not make a mode of it.
_CODES: Final = frozenset(
    {
        *("schema", "command", "mode", "outcome", "reason", "kind", "state", "from", "to", "payment_method", "method"),
        *("portal_autorenewal", "currency", "baseline", "role", "element", "page", "table", "language", "grouping"),
    }
)
#: Of a reference to a secret, or of a database, only its kind is told.
_ONLY_KIND: Final = frozenset({"accounts_password", "password", "session_key", "ping_url", "urls", "url"})
#: A value that is one of these is told as it is: days, instants, amounts.
_FIGURE: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?)?|\d{1,6}\.\d\d|\d{1,6} (?:s|min|h|d)"
)
_INSTANT: Final = r"\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z(?:-[0-9a-f]{4})?)?"
_EMAIL: Final = r"[^\s@<>\"'(),;:/«»…]+@[\w-]+(?:\.[\w-]+)+"
#: An address of which masking has left the beginning and the end.
_HALF_MASKED: Final = re.compile(rf"[^\s\"'«»(]?{GONE}@[\w.{GONE}-]*\w")
#: What these say stands in no run's record: a false portal, machines and units, letters in Italian.
_NO_RECORDS: Final = frozenset({"mock_portal", "doctor", "schedule", "notify"})
#: Shorter ones are common words; they are replaced where they stand alone, and nowhere else.
_SHORTEST: Final = 4
_LARGEST: Final = 100_000
#: What a browser says of a page that does not come.
_BROWSER_WORDS: Final = (
    "net err aborted address ssl protocol cert name connection refused reset closed timed out resolved timeout "
    "exceeded waiting navigating until load locator frame target page browser has been failed inner frames iframe"
)


class Pseudonyms:
    """Stable names for everybody in one record: `mailbox-1`, `order-2`; and text without anybody in it."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = defaultdict(int)
        self._places: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def of(self, kind: str, value: str) -> str:
        """Return the pseudonym of `value`; who had one under another kind keeps it."""
        if not value or value == "*":
            return value
        key = value.casefold()
        if key not in self._given:
            self._counts[kind] += 1
            self._given[key] = f"{kind}-{self._counts[kind]}"
            self._pattern = None
        return self._given[key]

    def place(self, path: str, told: str) -> None:
        """Have a file of this machine told by the name that it has elsewhere."""
        self._places[path] = told

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind there are."""
        return dict(self._counts)

    def learn(self, document: object, named: Mapping[str, str] = NAMED, key: str = "") -> None:
        """Name everybody whom a document names by the place where they stand; text is told better after it."""
        if isinstance(document, Mapping):
            for inner, value in document.items():
                self.learn(value, named, str(inner))
        elif isinstance(document, list | tuple):
            for value in document:
                self.learn(value, named, key)
        elif isinstance(document, str) and _names_somebody(document, named, key):
            self.of(named[key], document)

    def told(self, document: object, named: Mapping[str, str] = NAMED, key: str = "") -> object:
        """Return the document without anybody in it."""
        if isinstance(document, Mapping):
            return {self._code(str(inner)): self.told(value, named, str(inner)) for inner, value in document.items()}
        if isinstance(document, list | tuple):
            return [self.told(value, named, key) for value in document]
        if isinstance(document, str):
            return self._told_value(document, named, key)
        if isinstance(document, bool | None) or (isinstance(document, int) and abs(document) < _LARGEST):
            return document
        return document if isinstance(document, float) and abs(document) <= 1 else GONE

    def text(self, text: str) -> str:
        """Return a text of whatever origin with pseudonyms for who is known, and no word that is nobody's own."""
        return "".join(self._parts(text, self._known()))

    def _told_value(self, value: str, named: Mapping[str, str], key: str) -> str:
        if value in self._places:
            return self._places[value]
        if _names_somebody(value, named, key):
            return self.of(named[key], value)
        if key in _ONLY_KIND:
            kind, colon, _ = value.partition(":")
            return f"{_plain(kind)}{colon} {GONE}" if colon else self.text(value)
        if _FIGURE.fullmatch(value):
            return value
        return self._code(value) if key in _CODES else self.text(value)

    def _code(self, value: str) -> str:
        """Return a word of our own; an account of the same name does not change it, anything else goes."""
        return "".join(self._parts(value, re.compile(rf"(?P<given>(?!)){_ELSE}")))

    def _known(self) -> re.Pattern[str]:
        if self._pattern is None:
            given = sorted((one for one in self._given if len(one) >= _SHORTEST), key=len, reverse=True)
            known = "|".join(map(re.escape, given)) or "(?!)"
            self._pattern = re.compile(
                rf"(?<!\w)(?P<given>{known})(?!\w)(?P<day>/\d{{4}}-\d\d-\d\d)?{_ELSE}", re.IGNORECASE
            )
        return self._pattern

    def _parts(self, text: str, pattern: re.Pattern[str]) -> list[str]:
        text = _HALF_MASKED.sub(f"{GONE}@{GONE}", text)
        parts, end = [], 0
        for match in pattern.finditer(text):
            parts.append(_plain(text[end : match.start()]))
            parts.append(self._replaced(match))
            end = match.end()
        return [*parts, _plain(text[end:])]

    def _replaced(self, match: re.Match[str]) -> str:
        facts = match.groupdict()
        if facts["given"]:
            return self._given.get(facts["given"].casefold(), GONE) + (facts.get("day") or "")
        if facts["instant"]:
            return facts["instant"]
        return self.of("address", facts["email"]) + (facts["email_day"] or "")


#: What stands between words and is told in another way than they are.
_ELSE: Final = rf"|(?P<instant>{_INSTANT})|(?P<email>{_EMAIL})(?P<email_day>/\d{{4}}-\d\d-\d\d)?"


def _names_somebody(value: str, named: Mapping[str, str], key: str) -> bool:
    """Whether the value stands where somebody is named; a page's address stands in such a place as well."""
    return key in named and "://" not in value


def _plain(text: str) -> str:
    """Return text in which nobody is known, without any word that is not the portal's or ours."""
    return veiled(text, _own_words()) if text.strip() else text


@cache
def _own_words() -> frozenset[str]:
    """Return the words of this program's own messages, from its sources: of those that a run's record may hold."""
    folder = Path(pec_autorenew.__file__).parent
    words = set(re.findall(r"[^\W\d_]+", _BROWSER_WORDS))
    for path in sorted(folder.rglob("*.py")):
        if path.relative_to(folder).parts[0] not in _NO_RECORDS:
            words |= _literal_words(ast.parse(path.read_text("utf-8")))
    return frozenset(words)


def _literal_words(tree: ast.Module) -> set[str]:
    """Return the folded words of a module's texts and fields; those of docstrings are for its readers."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    fields = [
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]
    return {fold(word) for text in (*texts, *fields) for word in re.findall(r"[^\W\d_]+", text)}
