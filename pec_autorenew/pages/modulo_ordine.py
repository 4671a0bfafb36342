"""«Modulo Ordine»: method, «Frequenza di Rinnovo», consents, total, and the binding click."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import ClassVar, Final

from pec_autorenew.errors import PersonNeeded, PolicyStop
from pec_autorenew.model import Consent, Mandate, OrderForm, PaymentMethod
from pec_autorenew.names import CONSENTS, FOREIGN_TO_CONSENT, core, fold
from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark
from pec_autorenew.pages.reading import Entry, addresses_in, says
from pec_autorenew.pages.riepilogo import NoTotal, Unreadable, read_summary

_CONFIRM: Final = Element("press", "modulo_ordine.confirm")
_CHANGE: Final = Element("press", "modulo_ordine.change")
_MORE_METHODS: Final = Element("press", "modulo_ordine.more_methods")
_MORE_YEARS: Final = Element("press", "modulo_ordine.more_years", near="modulo_ordine.years")
_FEWER_YEARS: Final = Element("press", "modulo_ordine.fewer_years", near="modulo_ordine.years")
_YEARS: Final = "modulo_ordine.years"
_MOST_YEARS: Final = 10
_MOST_PRESSES: Final = 3
_MOST_FOLDS: Final = 5
_CHOICES: Final = ("radio", "option", "check", "press")
_NUMBER: Final = re.compile(r"^(\d{1,2})(?:\s*ann[oi])?$")


def _method(method: PaymentMethod) -> Element:
    return Element("choice", f"modulo_ordine.{method.value}")


class ModuloOrdinePage(PortalPage):
    """The order form (PF-FORM); its confirmation creates the order (PF-FORM-CONFIRM)."""

    name: ClassVar[str] = "Modulo Ordine"
    landmarks: ClassVar[tuple[Landmark, ...]] = (Landmark(all=(_CONFIRM,)),)
    elements: ClassVar[tuple[Element, ...]] = (
        Element("heading", "modulo_ordine.heading", optional=True),
        Element("text", "modulo_ordine.methods", optional=True),
        replace(_MORE_METHODS, optional=True),
        *(replace(_method(method), optional=True) for method in PaymentMethod),
        Element("text", _YEARS, phrase=True),
        *(Element("check", key, phrase=True) for key in CONSENTS.values()),
        replace(_CHANGE, optional=True),
        _CONFIRM,
    )

    # -- method ----------------------------------------------------------------------------------------------------

    def choose_method(self, method: PaymentMethod) -> None:
        """Choose `method`, opening «Altre modalità» where it hides there (PAY-3).

        Raises PolicyStop(method-not-offered): never another one in its place.
        """
        element = _method(method)
        self.screen.wait_until_loaded()  # a press before that would open nothing
        # The form may be drawn anew after it was recognised.
        seen = self.screen.until(lambda: any(self.screen.sees(element, _MORE_METHODS)), timeout=self.screen.timeout)
        if not (seen and self._unfolds(element)):
            raise PolicyStop(self._offers(method), page=self.name, reason="method-not-offered")
        outline = self.screen.outline()
        tile = next((one for one in outline if one.kind in _CHOICES and self.is_element(one, element.key)), None)
        if tile is None:
            raise self.screen.missing(element)
        self.screen.turn(tile, self.screen.locate(element), on=True, element=element)

    def _offers(self, method: PaymentMethod) -> str:
        """Return that `method` is not there, and what is: it may be called otherwise (`[portal.names]`)."""
        offered = [one.name for one in self.screen.outline() if one.kind == "radio" and _number(one.name) is None]
        words = ", ".join(f"«{name}»" for name in offered)
        return f"«{method.value}» is not offered" + (f"; what can be chosen is {words}" if words else "")

    def _unfolds(self, method: Element) -> bool:
        for _ in range(_MOST_PRESSES):  # the first may come before the page's scripts listen
            if self.screen.has(method):
                return True
            if self.screen.has(_MORE_METHODS):
                self.screen.press(_MORE_METHODS)
            self.screen.until(partial(self.screen.has, method))
        return self.screen.has(method)

    def offers_more_methods(self) -> bool:
        """Whether some methods hide behind «Altre modalità»."""
        return self.screen.has(_MORE_METHODS)

    def open_more_methods(self) -> None:
        """Press «Altre modalità»."""
        self.screen.press(_MORE_METHODS)

    def _method_in(self, outline: tuple[Entry, ...]) -> PaymentMethod | None:
        """Return the method that is seen to be chosen; None when none or several are."""
        chosen = {
            method
            for entry in outline
            for method in PaymentMethod
            if entry.checked and self.is_element(entry, _method(method).key)
        }
        return chosen.pop() if len(chosen) == 1 else None

    # -- «Frequenza di Rinnovo» --------------------------------------------------------------------------------------

    def choose_years(self, years: int) -> bool:
        """Set the years with whatever control the form has: select, radio buttons, number field, stepper.

        Return whether anything had to be changed. Raises PolicyStop(years-not-offered).
        """
        outline = self.screen.outline()
        control = self._years_control(outline)
        if self._years_in(outline) == years:
            return False
        if control is not None and control.kind == "select":
            if not self.screen.pick(Element("select", _YEARS), control, lambda text: _number(text) == years):
                raise self._not_offered(years)
            return True
        radio = next((one for one in self._years_radios(outline) if _number(one.name) == years), None)
        if radio is not None:
            self.screen.turn(radio, self.screen.named("radio", [radio.name], near=_YEARS), on=True)
        elif control is not None and not self.screen.has(_MORE_YEARS):
            self.screen.fill(Element("spin", _YEARS), str(years))
        else:
            self._step_to(years)
        return True

    def _years_in(self, outline: tuple[Entry, ...]) -> int | None:
        """Return the years that the form shows as chosen; None where they cannot be told."""
        control = self._years_control(outline)
        if control is not None:  # one that is drawn holds its label and an arrow besides
            shown = {number for line in control.value.split("\n") if (number := _number(line)) is not None}
            return shown.pop() if len(shown) == 1 else None
        radios = self._years_radios(outline)
        if radios:
            chosen = [_number(one.name) for one in radios if one.checked]
            return chosen[0] if len(chosen) == 1 else None
        numbers = [
            found for entry in self._beside_years(outline) if entry.kind == "text" and (found := _number(entry.text))
        ]
        return numbers[0] if numbers else None

    def _years_control(self, outline: tuple[Entry, ...]) -> Entry | None:
        found = [one for one in outline if one.kind in {"select", "spin", "field"} and self.is_element(one, _YEARS)]
        if len(found) > 1:
            raise self.screen.ambiguous(Element("select" if found[0].kind == "select" else "spin", _YEARS))
        return found[0] if found else None

    def _beside_years(self, outline: tuple[Entry, ...]) -> list[Entry]:
        """Return what follows the words «Frequenza di Rinnovo», up to the next heading."""
        variants = set(self.names(_YEARS))
        start = next(
            (
                i
                for i, one in enumerate(outline)
                if one.kind == "text" and {core(one.text), core(re.split(r"[:(]", one.text)[0])} & variants
            ),
            None,
        )
        if start is None:
            return []
        rest = outline[start + 1 :]
        end = next((i for i, one in enumerate(rest) if one.heading), len(rest))
        return list(rest[:end])

    def _years_radios(self, outline: tuple[Entry, ...]) -> list[Entry]:
        return [
            one
            for one in self._beside_years(outline)
            if one.kind in {"radio", "option"} and _number(one.name) is not None
        ]

    def _step_to(self, years: int) -> None:
        for _ in range(_MOST_YEARS):
            shown = self._years_in(self.screen.outline())
            if shown is None:
                raise self.screen.missing(Element("spin", _YEARS))
            if shown == years:
                return
            step = _MORE_YEARS if shown < years else _FEWER_YEARS
            if not self.screen.can_press(step):
                raise self._not_offered(years)
            self.screen.press(step)
            if not self.screen.until(partial(self._shows_other_years, shown)):
                raise self._not_offered(years)

    def _shows_other_years(self, before: int) -> bool:
        return self._years_in(self.screen.outline()) not in {before, None}

    def _not_offered(self, years: int) -> PolicyStop:
        return PolicyStop(f"{years} years are not offered", page=self.name, reason="years-not-offered")

    # -- consents ----------------------------------------------------------------------------------------------------

    def give_consents(self, mandate: Mandate) -> set[Consent]:
        """Tick what the mandate names and nothing else; untick what is ticked beyond it (PRC-10).

        Return how they are to stand. Raises PersonNeeded(unknown-consent) for another one that must be given.
        """
        self.unfold_consents()
        outline = self.screen.outline()
        self._require_no_open_question(outline)
        wanted = {box: self._mandated(box, mandate) for box in self._consents(outline)}
        for box, give in wanted.items():
            if not give and (box.required or _is_starred(box, outline)):
                raise PersonNeeded(
                    "the form wants a consent that the mandate does not name; "
                    f'to allow it, add to mandate.accept: "text: {box.name}"',
                    page=self.name,
                    reason="unknown-consent",
                )
        for box, give in wanted.items():
            if bool(box.checked) is not give:  # whether it is, where that could not be seen, `read_form` will say
                self._require_free(box)
                key = next(iter(self._documented(box)), "")
                element = Element("check", key, phrase=True) if key else None
                chosen = element is not None and self.screen.names.locator(key)
                locator = self.screen.locate(element) if chosen and element else self.screen.named("check", [box.name])
                self.screen.turn(box, locator, on=give, element=element)
        return {Consent(box.name, ticked=give) for box, give in wanted.items()}

    def _require_free(self, box: Entry) -> None:
        """Raise PersonNeeded(unknown-consent) where the box stays barred: the conditions are to be opened, or read."""

        def is_free() -> bool:
            return any(not one.disabled for one in self._consents(self.screen.outline()) if one.name == box.name)

        if box.disabled and not self.screen.until(is_free):
            raise PersonNeeded(
                f"«{box.name}» cannot be ticked before something else is done on the form, as opening the conditions "
                "or reading them to their end: that is for a person",
                page=self.name,
                reason="unknown-consent",
            )

    def hides_consents(self) -> bool:
        """Whether something with boxes to tick is folded in."""
        return bool(self._folds())

    def unfold_consents(self) -> None:
        """Fold out what has boxes to tick and is folded in: what nobody sees, nobody has agreed to (PRC-10)."""
        pressed: set[str] = set()
        for _ in range(_MOST_FOLDS):
            fold_out = next((one for one in self._folds() if one.name not in pressed), None)
            if fold_out is None:
                break
            pressed.add(fold_out.name)
            control = self.screen.named("press", [fold_out.name])
            self.screen.act("modulo_ordine.terms", control, lambda found: found.click(timeout=self.screen.timeout))
            self.screen.until(partial(self._is_out, fold_out.name))

    def _folds(self) -> list[Entry]:
        """Return what folds boxes out; never the binding click, whatever it folds out besides."""
        folds = [one for one in self.screen.outline() if one.holds_boxes and not one.disabled]
        return [one for one in folds if not self.is_element(one, _CONFIRM.key)]

    def _is_out(self, name: str) -> bool:
        return not any(one.folded and one.name == name for one in self.screen.outline())

    def _require_no_open_question(self, outline: tuple[Entry, ...]) -> None:
        """Raise PersonNeeded(unknown-consent) where yes and no are to choose between, and neither is chosen."""
        groups: dict[str, list[Entry]] = {}
        for one in outline:
            if one.kind == "radio" and one.group:
                groups.setdefault(one.group, []).append(one)
        for answers in groups.values():
            if not any(one.checked or one.disabled or self._is_about_order(one) for one in answers):
                offered = " / ".join(f"«{one.name}»" for one in answers)
                raise PersonNeeded(
                    f"the form asks a question that nobody has answered: {offered}",
                    page=self.name,
                    reason="unknown-consent",
                )

    def _is_about_order(self, one: Entry) -> bool:
        methods = (_method(method).key for method in PaymentMethod)
        return _number(one.name) is not None or any(self.is_element(one, key) for key in methods)

    def _consents(self, outline: tuple[Entry, ...]) -> list[Entry]:
        methods = [_method(method).key for method in PaymentMethod]
        boxes = [one for one in outline if one.kind == "check" and one.names and not addresses_in(one.name)]
        boxes = [one for one in boxes if not any(self.is_element(one, key) for key in methods)]
        # Where the operator says which one it is, its doubles are none.
        chosen = {core(one.name) for one in boxes if one.located}
        return [one for one in boxes if one.located or core(one.name) not in chosen]

    def _documented(self, box: Entry) -> list[str]:
        """Return the keys of the documented consents that the box is: by the operator's locator, or by its words."""
        return [
            key
            for key in CONSENTS.values()
            if (key in box.located if self.screen.names.locator(key) else says(box.name, self.names(key)))
        ]

    def _mandated(self, box: Entry, mandate: Mandate) -> bool:
        text = fold(box.name)
        if any(core(quoted) == core(box.name) for quoted in mandate.texts):
            return True
        documented = self._documented(box)
        holds = {key for key, name in CONSENTS.items() if name in documented}
        foreign = any(word in text for word in FOREIGN_TO_CONSENT) or bool(re.search(r"€|\beuro\b|\d,\d\d", text))
        return bool(holds) and holds <= mandate.accept and not foreign

    # -- reading back, and the binding click -------------------------------------------------------------------------

    def read_form(self, known: frozenset[str]) -> OrderForm:
        """Return the whole form as it stands; `known` are all mailboxes of the account.

        Raises PolicyStop(form-mismatch) when a part of it cannot be read with certainty (PRC-3).
        """
        outline = self.screen.outline()
        method, years = self._method_in(outline), self._years_in(outline)
        if method is None or years is None:
            lacking = "payment method" if method is None else "«Frequenza di Rinnovo»"
            raise PolicyStop(f"the form does not show which {lacking} is chosen", page=self.name)
        try:
            summary = read_summary(outline, known)
        except Unreadable as error:
            raise PolicyStop(f"the order cannot be read: {error}", page=self.name) from error
        boxes = self._consents(outline)
        hidden = [box.name for box in boxes if box.checked is None]
        if hidden:
            raise PolicyStop(f"it cannot be seen whether «{hidden[0]}» is ticked", page=self.name)
        consents = tuple(Consent(box.name, ticked=bool(box.checked)) for box in boxes)
        return OrderForm(summary.lines, years, method, summary.gross, summary.net, summary.vat, consents)

    def shows_total(self, known: frozenset[str]) -> bool:
        """Whether there is a total to read; many a form calculates it only some time after it stands there."""
        try:
            read_summary(self.screen.outline(), known)
        except NoTotal:
            return False
        except Unreadable:
            return True  # what it is that cannot be read, `read_form` will say
        return True

    def can_confirm(self) -> bool:
        """Whether «CONFERMA e completa l'ordine» can be pressed, at once or after a moment."""
        return self.screen.until(lambda: self.screen.can_press(_CONFIRM))

    def obstacle(self) -> str:
        """Return why «CONFERMA e completa l'ordine» cannot be pressed now, "" for no reason: a window may ask."""
        return self.screen.hindrance(self.screen.locate(_CONFIRM))

    def is_expected_question(self, text: str) -> bool:
        """Whether this is the question after «CONFERMA e completa l'ordine» that may be answered with yes (DRF-6)."""
        return core(text) in self.names("modulo_ordine.confirm_question")

    def confirm(self) -> None:
        """Press «CONFERMA e completa l'ordine», once. This creates the order."""
        self.screen.press(_CONFIRM, carefully=True)


def _number(text: str) -> int | None:
    match = _NUMBER.match(core(text))
    return int(match[1]) if match else None


def _is_starred(box: Entry, outline: tuple[Entry, ...]) -> bool:
    """Whether a star marks the consent as one that must be given, in its name or behind it on the line."""
    lines = [entry.text for entry in outline if entry.kind == "text" and fold(entry.text).startswith(fold(box.name))]
    return any(text.rstrip(" )").endswith("*") for text in (box.name, *lines))
