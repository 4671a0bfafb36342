"""`finding.js` in the browser: taught to Playwright, asked about a page, and what Playwright's errors mean."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from pec_autorenew.errors import PortalError, PortalTimeout, PortalUnreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Frame, Playwright

_SCRIPT: Final = (
    files("pec_autorenew.pages").joinpath("finding.js").read_text(encoding="utf-8").strip().removesuffix(";")
)
ENGINE: Final = "documented"

#: In the page, what is seen is asked for by name; the answer comes as one JSON text, which is quick to hand over.
_HOME: Final = "globalThis[Symbol.for('pec_autorenew.seen')]"
INSTALL: Final = f"Object.defineProperty(globalThis, Symbol.for('pec_autorenew.seen'), {{ value: {_SCRIPT} }})"
_READ: Final = f"async ([what, arg]) => {_HOME} ? JSON.stringify(await {_HOME}.read[what](document, arg)) : undefined"
STATE: Final = f"(el) => ({_HOME} || ({_SCRIPT})).read.state(el)"
HINDRANCE: Final = f"(el) => ({_HOME} || ({_SCRIPT})).read.hindrance(el)"
#: Where a field stands, and where its form posts to, each of its buttons told apart: a button may say otherwise.
ORIGINS: Final = """(el) => {
  const said = (at, name) => (at && at.hasAttribute(name) ? [at.getAttribute(name)] : []);
  const buttons = el.form ? [...el.form.elements] : [];
  const targets = [...said(el.form, 'action'), ...buttons.flatMap((one) => said(one, 'formaction'))];
  return [location.origin, ...targets.map((one) => new URL(one, document.baseURI).origin)];
}"""
#: What Playwright says when a page went on to another while it was asked.
_MOVED_ON: Final = ("Execution context was destroyed", "Cannot find context", "navigating", "navigation")


def register(playwright: Playwright) -> None:
    """Teach Playwright the selector engine; once for each Playwright, before its first page."""
    playwright.selectors.register(ENGINE, script=_SCRIPT, content_script=True)


def ask(frame: Frame, what: str, arg: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - what JSON holds
    """Return what the page answers to one of the questions of `finding.js` (its `read`)."""
    answer = frame.evaluate(_READ, [what, arg])
    if answer is None:  # a document from before this screen
        frame.evaluate(INSTALL)
        answer = frame.evaluate(_READ, [what, arg])
    return json.loads(answer)


def is_on_its_way(frame: Frame) -> bool:
    """Whether the document has not come whole, or not what it is drawn with: what is missing on it may yet come."""
    try:
        return not all(ask(frame, "dressed", None))
    except PlaywrightError as error:
        if not has_moved_on(error):
            raise portal_error(error, "arrival") from error
        return True


def has_moved_on(error: PlaywrightError) -> bool:
    """Whether the page went on to another one while it was asked."""
    return any(sign in error.message for sign in _MOVED_ON)


def portal_error(error: PlaywrightError, where: str) -> PortalError:
    """Return the error of ours that says what Playwright's says: no answer, no time, or something else broken."""
    line = first_line(error)
    if isinstance(error, PlaywrightTimeout):
        return PortalTimeout(f"the portal took too long ({where}): {line}", page=where)
    if "net::ERR_" in line or "NS_ERROR" in line:
        return PortalUnreachable(f"the portal does not answer ({where}): {line}", page=where)
    return PortalError(f"the browser reports ({where}): {line}", page=where)


def first_line(error: PlaywrightError) -> str:
    """Return the first line of what Playwright says."""
    return error.message.splitlines()[0] if error.message else type(error).__name__
