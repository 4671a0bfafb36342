"""While an order waits for its payment: what the portal says on how to pay it, by when, and who is told again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.states import RenewalState
from tests.engine.office import said

if TYPE_CHECKING:
    from tests.engine.office import Office

#: What a portal might say; invented, as is the account.
WORDS = "Ordine 1001. Bonifico a Prova S.p.A., IBAN IT00 X000 0000, causale: 1001"


# -- the portal's own instructions --------------------


def test_portal_s_words_are_kept_with_the_order_and_told(office: Office) -> None:
    """PAY-5: what the confirmation said of the order is in the report, in this run and later, until it is paid."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks = WORDS
    assert [item.instructions for item in office.run().items] == [WORDS]
    assert [item.instructions for item in office.run().items] == [WORDS]
    office.truth.pay(office.truth.orders[0])
    assert [item.instructions for item in office.run().items] == [""]
    assert [one.payment_instructions for one in office.renewals()] == [WORDS]


@pytest.mark.parametrize("number", ["999", "100"])
def test_thanks_for_another_order_are_no_instructions_for_ours(office: Office, number: str) -> None:
    """PAY-5, VER-1 (fault `success-of-another`): the list has another number, so those words are somebody else's."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks, office.truth.thanks_for = WORDS, number
    assert [item.instructions for item in office.run().items] == [""]
    assert [item.instructions for item in office.run().items] == [""]


def test_instructions_wait_until_the_list_shows_their_order(office: Office) -> None:
    """PAY-5, DUP-4: while the outcome is unknown nobody is told to pay; once the list has the number, they are."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks, office.truth.lag = WORDS, 1
    (item,) = office.run().items
    (renewal,) = office.renewals()
    assert (item.outcome.value, item.instructions) == ("unknown", "")
    assert (renewal.state, renewal.payment_instructions) == (RenewalState.UNKNOWN, "")
    (item,) = office.run().items
    assert (item.outcome.value, item.instructions) == ("awaiting-payment", WORDS)


def test_order_that_the_portal_split_has_instructions_for_its_first_part(office: Office) -> None:
    """PAY-5: one confirmation with one number speaks of one order."""
    office.truth.flags, office.truth.split_into, office.truth.thanks = True, 1, WORDS
    for address in ("a@pec.it", "b@pec.it"):
        office.truth.add(address, 10)
    result = office.run()
    assert set(said(result).values()) == {("awaiting-payment", "ordered")}
    assert {item.mailbox: item.instructions for item in result.items} == {"a@pec.it": WORDS, "b@pec.it": ""}


def test_portal_that_says_far_too_much_is_cut_short(office: Office) -> None:
    """PAY-5: the ledger keeps the order's words, not a whole site's."""
    office.truth.add("a@pec.it", 10)
    office.truth.thanks = "parole " * 10_000
    assert [len(item.instructions) for item in office.run().items] == [2000]
