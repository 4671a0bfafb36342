"""What is kept of a page for a person to look at: a picture and its accessibility snapshot, both masked (SEC-4).

Where a password, a code or a payment is asked for, there is no picture. What asks for it is told by what its fields say
of themselves to browsers and to people; a page that says neither, and is no bank's, is taken for any other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.pages.masking import GONE, is_personal, masked_snapshot, veiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Frame, Locator, Page

    from pec_autorenew.pages.reading import Entry

_SIGNING_IN: Final = "input[type=password], input[autocomplete*=password]"
#: By what a field for a code, or for a card, says of itself to browsers; and a frame that may take a payment.
_CODE_OR_CARD: Final = (
    "input[autocomplete*=one-time-code], :is(input, select)[autocomplete*=cc-], iframe[allow*=payment]"
)
#: By what it says to people. «codice di sicurezza» is a CAPTCHA's too; beside a card's stands «numero carta».
_SAYS_SO: Final = re.compile(
    r"\b(codice (di verifica|di conferma|otp|monouso|usa e getta|temporaneo|ricevuto)|one[- ]time (code|password)"
    r"|verification code|otp|cv[vc]2?|numero (della |di )?carta|card number|scadenza (della )?carta)\b",
    re.IGNORECASE,
)
_TEXT_FIELD: Final = "input:is(:not([type]), [type=text], [type=tel], [type=number])"
#: Where people pay: whatever such a page shows is nobody's business, however it names its fields.
_PAYMENT_HOSTS: Final = (
    *("paypal.com", "sella.it", "gestpay.net", "axerve.com", "nexi.it", "nexigroup.com", "stripe.com", "adyen.com"),
    *("braintreegateway.com", "worldline.com", "satispay.com", "pagopa.it", "pagopa.gov.it", "unicredit.it"),
)
#: What somebody typed, or may have typed.
_TYPED: Final = "input:not([type=submit], [type=button], [type=image], [type=radio], [type=checkbox]), textarea, select"
_COVER: Final = "#98a2b3"
_TIMEOUT: Final = 5_000


def picture_of(
    page: Page, covers: Sequence[Locator] = (), *, covering: tuple[Frame, Sequence[str]] | None = None
) -> bytes:
    """Return a picture of the page with fields, `covers`, and the lines of `covering` hidden.

    Nothing where a password, a code or a payment is asked for, or came to be while the picture was taken, or where one
    of those lines cannot be covered.
    """
    try:
        lines = _covers(*covering) if covering else []
        if lines is None or _is_secret(page):
            return b""
        hidden = [*covers, *lines, *(frame.locator(_TYPED) for frame in page.frames)]
        picture = page.screenshot(full_page=True, mask=hidden, mask_color=_COVER, timeout=_TIMEOUT)
        return b"" if _is_secret(page) else picture
    except PlaywrightError:
        return b""  # a page that cannot be pictured must not hide the error that it is evidence for


def _covers(frame: Frame, lines: Sequence[str]) -> list[Locator] | None:
    """Return what covers each line, as a whole or by those of its words that tell more; None if one stays bare."""
    covers = []
    for line in lines:
        whole = frame.get_by_text(line, exact=True)
        words = [frame.get_by_text(word) for word in line.split() if GONE in veiled(word)]
        parts = [whole] if whole.count() else words
        if not parts or not all(part.count() for part in parts):
            return None
        covers += parts
    return covers


def says_more(entry: Entry) -> bool:
    """Whether a line of a page says more than the portal's own words: a name, an address, a number of somebody's."""
    own = entry.heading or entry.header or entry.label or entry.within
    return is_personal(entry.text) if own else GONE in veiled(entry.text)


def snapshot_of(page: Page) -> str:
    """Return the masked accessibility snapshot of the page and its frames.

    Nothing where a code or a payment is asked for, or a password stands in its field.
    """
    try:
        if any(_asks_for_code_or_payment(frame) or _holds_password(frame) for frame in page.frames):
            return ""
        seen = [masked_snapshot(page.aria_snapshot(timeout=_TIMEOUT))]
        for number, frame in enumerate(page.frames[1:], 1):
            inner = masked_snapshot(frame.locator(":root").aria_snapshot(timeout=_TIMEOUT))
            seen += [f"- iframe {number}:", *(f"  {line}" for line in inner.splitlines())]
    except PlaywrightError:
        return ""  # likewise
    return "\n".join(seen) + "\n"


def _is_secret(page: Page) -> bool:
    return any(
        frame.locator(_SIGNING_IN).filter(visible=True).count() or _asks_for_code_or_payment(frame)
        for frame in page.frames
    )


def _asks_for_code_or_payment(frame: Frame) -> bool:
    """Whether the frame is a bank's, or shows a field for a code or a card: by its kind, or by the words near it."""
    host = urlsplit(frame.url).hostname or ""
    if any(host == one or host.endswith(f".{one}") for one in _PAYMENT_HOSTS):
        return True
    if frame.locator(_CODE_OR_CARD).filter(visible=True).count():
        return True
    if not frame.locator(_TEXT_FIELD).filter(visible=True).count():
        return False  # words alone, such as those of a guide or of a way to pay, ask for nothing
    named = frame.get_by_role("textbox", name=_SAYS_SO).or_(frame.get_by_role("spinbutton", name=_SAYS_SO))
    return bool(named.or_(frame.get_by_text(_SAYS_SO)).filter(visible=True).count())


def _holds_password(frame: Frame) -> bool:
    return bool(frame.locator(_SIGNING_IN).evaluate_all("fields => fields.some((field) => field.value)"))
