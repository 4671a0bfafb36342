"""What may be told to anybody of a page as it stood drawn: its build and the portal's words, with invented people.

Nothing is told because it looks harmless. Of tags, attributes and looks only those stay that are listed; of all text
only words of the vocabulary, short numbers, days and amounts. Who is on one page is the same one on the next: an
address becomes an invented one, a number another number, wherever it comes again (SEC-4).
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from pec_autorenew.model import fold_address
from pec_autorenew.names import fold
from pec_autorenew.pages.masking import GONE, parts_of, veiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TEXTS: Final = frozenset(
    {
        *("title", "alt", "placeholder", "label"),
        *("aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "aria-placeholder"),
    }
)
#: What names other elements of the page, or a group; each gets a name that tells nothing.
_REFERENCES: Final = frozenset(
    {
        *("id", "for", "name", "form", "headers", "list", "slot", "aria-labelledby", "aria-describedby"),
        *("aria-controls", "aria-owns", "aria-activedescendant", "aria-details", "aria-flowto", "aria-errormessage"),
    }
)
_FLAGS: Final = frozenset(
    {
        *("disabled", "readonly", "required", "multiple", "checked", "selected", "hidden", "open", "inert", "reversed"),
        *("onclick", "contenteditable"),
    }
)
_NUMBERS: Final = frozenset({"colspan", "rowspan", "tabindex", "min", "max", "step", "start"})
_WORDS: Final = frozenset({"type", "role", "scope", "dir", "lang", "inputmode", "autocomplete"})
#: Attributes and words of a class that say how a control stands.
_STATES: Final = frozenset({"data-state", "data-checked", "data-selected"})
_MARK: Final = re.compile(r"(?:^|[-_])(checked|selected|active|current|on)$")
_NUMBER: Final = re.compile(r"-?\d{1,4}(\.\d{1,4})?")
_WORD: Final = re.compile(r"[a-zA-Z][a-zA-Z -]{0,30}")
_STATE: Final = re.compile(r"[a-z]{0,12}|\d{1,4}")
_KEYS: Final = re.compile(r"[a-z_. ]+")
_TAG: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")
#: What a component's name says of what it is; of the rest of its name nothing is told.
_COMPONENT: Final = re.compile(r"group|check-?box|switch|toggle|radio")
_LOOKS: Final = frozenset(
    {
        *("display", "visibility", "opacity", "position", "top", "left", "width", "height", "overflow", "cursor"),
        *("float", "flex-direction", "flex-wrap", "justify-content", "align-items", "column-gap", "row-gap", "padding"),
        *("grid-template-columns", "text-transform", "white-space", "font-size", "font-weight", "box-sizing", "border"),
        *("border-radius", "background-image"),
    }
)
_LOOK: Final = re.compile(r"[a-z0-9 .,%()#/-]{0,200}")
_VOID: Final = frozenset({"br", "hr", "img", "input", "col", "wbr", "area"})
_PRESSED: Final = frozenset({"submit", "button", "reset"})
#: Words by which the page objects tell sums, choices and pages of a list, and that no guide has as a label.
_READ: Final = """
acquista aggiungi complessiva complessivo comprese compresi compreso compresa cui da escluse esclusi escluso esclusa eur
euro imponibile incluse inclusi iva nessun nessuna nessuno netta netto pagare rifiuta rifiuto senza su subtotale
"""
_SHORTEST: Final = 4
_LETTER: Final = re.compile(r"[^\W\d_]")


class Redaction:
    """Tells pages without anybody's data; the same one under the same name throughout."""

    def __init__(
        self, personal: Iterable[str], addresses: Iterable[str], numbers: Iterable[str], words: Iterable[str] = ()
    ) -> None:
        """Take what is known of the customer, and `words` that are the portal's though no guide has them."""
        self._words = frozenset(fold(word) for text in (_READ, *words) for word in re.findall(r"[^\W\d_]+", text))
        self._addresses: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._references: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._components: dict[str, str] = {}
        self._befores: list[str] = []
        for address in addresses:
            self._address(address)
        known = sorted(filter(None, numbers), key=len, reverse=True)
        names = sorted((one for one in personal if len(one) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile(
            rf"(?<!\w)(?:(?P<number>{_any_of(known)})|(?P<name>{_any_of(names)}))(?!\w)", re.IGNORECASE
        )

    def text(self, text: str) -> str:
        """Return what may be told of a text."""
        return "".join(self._pieces(text))

    def document(self, tree: list[Any], title: str) -> str:
        """Return a page as HTML that runs nothing and loads nothing."""
        self._befores = []
        body = self._element(tree)
        return (
            '<!DOCTYPE html>\n<html lang="it"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
            f"<title>{escape(title)}</title>{self._style(self._befores)}</head>\n{body}\n</html>\n"
        )

    # -- texts ---------------------------------------------------------------------------------------------------------

    def _pieces(self, text: str) -> Iterator[str]:
        for kind, piece in parts_of(text):
            if kind == "email":
                yield self._address(piece)
            elif kind == "keep":
                yield piece
            elif kind == "gone":
                yield self._code(piece)
            else:
                yield from self._plain(piece)

    def _plain(self, text: str) -> Iterator[str]:
        end = 0
        for match in self._known.finditer(text):
            yield self._veiled(text[end : match.start()])
            yield self._code(match[0]) if match["number"] else GONE
            end = match.end()
        yield self._veiled(text[end:])

    def _veiled(self, text: str) -> str:
        return veiled(text, self._words) if text.strip() else text

    def _address(self, address: str) -> str:
        return self._addresses.setdefault(fold_address(address), f"casella{len(self._addresses) + 1}@pec.example")

    def _code(self, code: str) -> str:
        """Return another number as long as this one, or the shape of a code that has letters or signs."""
        if not code.isdigit():
            return _LETTER.sub("X", re.sub(r"\d", "0", code))
        return self._numbers.setdefault(code, f"{9 * 10 ** (len(code) - 1) + len(self._numbers) + 1}")

    # -- elements ------------------------------------------------------------------------------------------------------

    def _element(self, node: str | list[Any]) -> str:
        if isinstance(node, str):
            return escape(self.text(node), quote=False)
        tag, attributes, children, shadow, looks, framed = node
        if not _TAG.fullmatch(tag):
            return ""
        if "-" in tag:
            kinds = "".join(f"-{kind}" for kind in _COMPONENT.findall(tag))
            tag = self._named(self._components, "x-", tag) + kinds
        told = dict(self._attributes(tag, attributes)) | self._looks(looks)
        if framed is not None:
            outer = self._befores
            told["srcdoc"] = self.document(framed, "")
            self._befores = outer
        opened = "".join(f' {name}="{escape(value)}"' for name, value in told.items())
        if tag in _VOID:
            return f"<{tag}{opened}>"
        inner = "" if shadow is None else self._shadow(shadow)
        return f"<{tag}{opened}>{inner}{''.join(map(self._element, children))}</{tag}>"

    def _shadow(self, children: list[Any]) -> str:
        outer, self._befores = self._befores, []
        inner = "".join(map(self._element, children))
        told, self._befores = self._befores, outer
        return f'<template shadowrootmode="open">{self._style(told)}{inner}</template>'

    def _attributes(self, tag: str, attributes: dict[str, str]) -> Iterator[tuple[str, str]]:
        for name, value in attributes.items():
            told = self._attribute(tag, name, value, attributes.get("type", ""))
            if told is not None:
                yield name, told

    def _attribute(self, tag: str, name: str, value: str, kind: str) -> str | None:
        if name in _TEXTS:
            return self.text(value)
        if name in _REFERENCES:
            return " ".join(self._named(self._references, "n", one) for one in value.split())
        if name == "class":
            return " ".join(self._class(one) for one in value.split())
        if name in _FLAGS:
            return "false" if value == "false" else ""
        if name == "href":
            return "#"
        if name == "value":
            chosen = tag == "option" or kind in {"checkbox", "radio"}
            return self._named(self._values, "v", value) if chosen else self._typed(value, kind)
        allowed = {
            **dict.fromkeys(_NUMBERS, _NUMBER), **dict.fromkeys(_WORDS, _WORD), **dict.fromkeys(_STATES, _STATE),
            "data-located": _KEYS,
        }.get(name, _STATE if name.startswith("aria-") else None)  # fmt: skip
        return value if allowed is not None and allowed.fullmatch(value) else None

    def _typed(self, value: str, kind: str) -> str | None:
        """Return what stands in a field: something where something stood, and no password, whatever stood there."""
        if kind == "password":
            return None
        return value if kind in {"number", "range"} and _NUMBER.fullmatch(value) else self.text(value)

    def _class(self, word: str) -> str:
        """Return another word, which says no more than whether it marks what is chosen."""
        mark = _MARK.search(word)
        told = self._named(self._references, "n", f".{word}")
        return f"{told}-{mark[1]}" if mark else told

    def _named(self, given: dict[str, str], stem: str, value: str) -> str:
        return given.setdefault(value, f"{stem}{len(given) + 1}") if value else value

    def _looks(self, looks: dict[str, str]) -> dict[str, str]:
        told = "; ".join(
            f"{name}: {value}" for name, value in looks.items() if name in _LOOKS and _LOOK.fullmatch(value)
        )
        answer = {"style": told} if told else {}
        before = looks.get("::before", "")
        if before.startswith('"') and before.endswith('"'):
            words = self.text(before[1:-1].replace("\\", ""))
            self._befores.append("".join(f"\\{ord(sign):x} " for sign in words))
            answer["data-before"] = f"b{len(self._befores)}"
        return answer

    def _style(self, befores: list[str]) -> str:
        rules = (f"[data-before=b{n}]::before{{content:'{text}'}}" for n, text in enumerate(befores, 1))
        return f"<style>{''.join(rules)}</style>" if befores else ""


def _any_of(words: list[str]) -> str:
    return "|".join(map(re.escape, words)) or "(?!)"


def spellings(word: str) -> frozenset[bytes]:
    """Return how a word may stand in a file: in small letters plain, in an address, in JSON, in HTML; in base64."""
    texts = {word, quote(word), quote(word, safe=""), quote_plus(word), escape(word), json.dumps(word)[1:-1]}
    raw = word.encode()
    coded = {b64encode(b"\0" * shift + raw)[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6] for shift in range(3)}
    return frozenset({text.casefold().encode() for text in texts} | coded)


def holds(content: bytes, words: Iterable[str]) -> bool:
    """Whether a file holds one of the words, however it may be written."""
    small = content.decode("utf-8", errors="replace").casefold().encode()
    return any(form in small or form in content for word in words for form in spellings(word))


def told_apart(words: Iterable[str]) -> frozenset[str]:
    """Return those of the words that are nobody's but somebody's own: no page of the portal says them by itself."""
    return frozenset(one for one in words if len(one) >= _SHORTEST and (GONE in veiled(one) or "@" in one))
