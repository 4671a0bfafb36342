"""DRF-5: the walk sees every page up to the binding click, changes nothing, and tells what is not as documented."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.checks import PAGES, BaselineState, ElementState
from pec_autorenew.errors import PersonNeeded
from pec_autorenew.flows.check_portal import with_a_person
from pec_autorenew.interlock import Gate
from pec_autorenew.ledger import Ledger
from pec_autorenew.mock_portal import MailboxType
from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS
from pec_autorenew.model import Outcome
from pec_autorenew.report.first_run import answers, record_as_json, record_as_text
from pec_autorenew.report.unknowns import UNKNOWNS
from tests.flows.checking import Checks, Companion, untouched
from tests.flows.clerk import AZIENDA, SINGLE, STUDIO, STUDIO_DUE

if TYPE_CHECKING:
    from pathlib import Path

    from pec_autorenew.checks import ElementCheck, PageCheck
    from pec_autorenew.engine.local import Result
    from pec_autorenew.ledger import Run
    from pec_autorenew.mock_portal import Layout
    from tests.flows.clerk import Clerk

pytestmark = pytest.mark.one_layout

#: What every generation has; the kit, a page for the invoice and «Rinnova caselle» only some.
ALWAYS = {"home", "caselle", "ordini", "gestione_caselle", "dati_intestatario", "modulo_ordine"}
OF_AN_ORDER = {"gestione_caselle", "kit_firma", "dati_intestatario", "dati_fatturazione", "modulo_ordine"}


@pytest.fixture
def checks(clerk: Clerk, tmp_path: Path) -> Checks:
    """Give what runs `check-portal` for the clerk."""
    return Checks(clerk, tmp_path)


def pages_of(result: Result) -> dict[str, PageCheck]:
    """Return the pages of the one account."""
    (check,) = result.checks
    assert [page.page for page in check.pages] == list(PAGES)
    return {page.page: page for page in check.pages}


def reached(result: Result) -> set[str]:
    """Return the pages that the walk got to."""
    return {key for key, page in pages_of(result).items() if page.reached}


def element(result: Result, key: str) -> ElementCheck:
    """Return the one element of that key that is not as documented, or the first."""
    found = [one for page in pages_of(result).values() for one in page.elements if one.key == key]
    return next((one for one in found if one.state.is_drift), found[0])


def test_walk_sees_every_page_and_leaves_everything_as_it_was(checks: Checks, clerk: Clerk) -> None:
    """Nothing is ordered, changed or edited; without a baseline only what is documented is judged, and all is there."""
    before = untouched(clerk)
    result = checks.run()
    assert reached(result) >= ALWAYS
    assert result.checks[0].drift == ()
    assert result.codes == (0,)
    assert result.items == []
    assert not [note for note in result.checks[0].notes if "wanted to send" in note]
    assert untouched(clerk) == before
    assert clerk.truth.orders == {}
    assert {page.baseline for page in pages_of(result).values()} == {BaselineState.ABSENT}
    assert all(page.new == page.gone == () for page in pages_of(result).values())


def test_form_is_locked_and_no_consent_is_given(checks: Checks, clerk: Clerk) -> None:
    """PRC-10, decision 3: on «Modulo Ordine» the network is locked, nothing is ticked, «Altre modalità» is open."""
    clerk.truth.set_options(methods_hidden=True)
    ticked: list[bool] = []
    gates: list[Gate] = []

    def look() -> None:
        assert checks.visit is not None
        outline = checks.visit.pages.screen.outline()
        ticked.extend(bool(one.checked) for one in outline if one.kind == "check")
        lock = checks.visit.pages.session._lock
        assert lock is not None
        gates.append(lock.gate)

    result = checks.run(guide=Companion(at={"stays unpressed": look}))
    assert gates == [Gate.CLOSED]
    assert ticked
    assert not any(ticked)
    form = {one.key: one.state for one in pages_of(result)["modulo_ordine"].elements}
    assert form["modulo_ordine.more_methods"] is ElementState.PRESENT
    assert form["modulo_ordine.bonifico"] is ElementState.PRESENT
    assert clerk.truth.confirm_posts == 0


def test_baseline_stays_equal_when_time_passes_and_somebody_orders(checks: Checks, clerk: Clerk) -> None:
    """Addresses, dates, numbers and how many rows there are make no difference."""
    taken = pages_of(checks.run(update_baseline=True))
    assert {page.baseline for page in taken.values() if page.reached} == {BaselineState.WRITTEN}
    clerk.truth.clock.advance(timedelta(days=2).total_seconds())
    number = clerk.truth.place_order_for(STUDIO_DUE).number
    unpaid = checks.run()
    clerk.truth.pay_order(number)
    for again in (unpaid, checks.run()):
        assert again.codes == (0,)
        for page in pages_of(again).values():
            assert (page.new, page.gone) == ((), ()), page.page


RENAMED = [
    ("Accedi", "Continua", "login.submit"),
    ("Dati Intestatario", "Chi possiede la casella", "dati_intestatario.heading"),
    ("Frequenza di rinnovo", "Per quanto tempo", "modulo_ordine.years"),
    ("Conferma e completa l'ordine", "Conferma e invia l'ordine", "modulo_ordine.confirm"),
]


@pytest.mark.parametrize(
    ("was", "now", "key", "with_baseline"),
    [
        (*RENAMED[0], True),
        *(pytest.param(*one, True, marks=pytest.mark.torture) for one in (RENAMED[1], RENAMED[3])),
        (*RENAMED[2], False),
    ],
)
def test_renamed_label_is_told_with_what_stands_there_now(
    checks: Checks, clerk: Clerk, was: str, now: str, key: str, *, with_baseline: bool
) -> None:
    """DRF-4, DRF-5: what is gone is named; with a baseline as renamed, with the line that takes the new name."""
    if clerk.truth.layout == "g3" and key == "login.submit":
        pytest.skip("signs in on two pages")
    if with_baseline:
        assert checks.run(update_baseline=True).codes == (0,)
    result = checks.run(relabel=(was, now))
    found = element(result, key)
    assert found.state.is_drift
    assert result.codes == (6,)
    assert {item.outcome for item in result.items} == {Outcome.DRIFT}
    if not with_baseline:
        assert found.state is ElementState.MISSING
    elif found.candidates and found.candidates[0].similarity >= 0.6:
        assert found.state is ElementState.RENAMED
        assert found.candidates[0].line.startswith(f"{key} = ")
    assert clerk.truth.confirm_posts == 0


def test_consent_in_other_words_is_missing(checks: Checks, clerk: Clerk) -> None:
    """PRC-10: a consent that the form words otherwise would stop `renew`; here it is told beforehand."""
    first, second, *rest = DEFAULT_CONSENTS
    clerk.truth.set_options(consents=(first, replace(second, text="Approvo le condizioni particolari."), *rest))
    result = checks.run()
    assert [one.key for _, one in result.checks[0].drift] == ["modulo_ordine.unfair_terms"]
    assert result.codes == (6,)


def test_control_that_is_new_and_one_that_is_gone_are_told(checks: Checks) -> None:
    """What is no documented element is told against the baseline, and is no failure."""
    checks.run(update_baseline=True)
    result = checks.run(relabel=("codice Sconto", "buono regalo"))
    form = pages_of(result)["modulo_ordine"]
    assert [one.name for one in form.new] == ["buono regalo"]
    assert [one.name for one in form.gone] == ["codice sconto"]
    assert result.codes == (0,)


def test_order_pages_are_not_reached_where_nothing_can_be_renewed(checks: Checks, clerk: Clerk) -> None:
    """No «Rinnova», no way on: that is no failure, and its reason is told."""
    for address in clerk.truth.mailboxes:
        clerk.truth.change_mailbox(address, auto_renewal=True)
    result = checks.run()
    assert not reached(result) & OF_AN_ORDER
    assert "«Rinnova» is offered for none" in pages_of(result)["modulo_ordine"].reason
    assert result.codes == (0,)


def test_cart_that_is_not_as_wanted_ends_the_walk_there(checks: Checks, clerk: Clerk) -> None:
    """PRC-8: what `renew` would stop at stops the walk too, and is told as the reason."""
    clerk.truth.set_options(preselected_type=MailboxType.PREMIUM)
    result = checks.run()
    assert "gestione_caselle" in reached(result)
    assert "modulo_ordine" not in reached(result)
    assert pages_of(result)["modulo_ordine"].reason
    assert result.codes == (0,)


@pytest.mark.parametrize("configured", [True, False])
def test_identifier_is_filled_only_from_the_configuration(
    checks: Checks, clerk: Clerk, layout: Layout, *, configured: bool
) -> None:
    """PRC-9: asked for and not configured, the walk stops there and says so."""
    tables = {"renewal": {"billing": {"identifier": "nessuno"}}} if configured else {}
    result = checks.run(AZIENDA, tables=tables)
    asked = "dati_fatturazione" in reached(result) or layout == "g2"
    assert ("modulo_ordine" in reached(result)) is (configured or not asked)
    assert clerk.truth.holder_edits == []
    assert clerk.truth.accounts[AZIENDA.username].identifier is None


def test_person_who_attends_hears_each_step_and_may_end_it(checks: Checks, clerk: Clerk) -> None:
    """--attended: each step is announced before it is done; what comes after the end is not reached."""
    guide = Companion(until="in the row of one mailbox")
    result = checks.run(guide=guide)
    assert guide.steps[0] == "open the customer area and look at the sign-in form"
    assert any("password" in step for step in guide.steps)
    assert guide.steps[-1].startswith("go back to the list and press «Rinnova»")
    assert not reached(result) & OF_AN_ORDER
    assert "ended the walk here" in pages_of(result)["modulo_ordine"].reason
    assert result.codes == (0,)
    assert not [hit for hit in clerk.truth.hits if hit.page == "gestione_caselle"]


def test_person_who_ends_it_at_the_password_has_none_typed(checks: Checks, clerk: Clerk) -> None:
    """HUM-3: a walk that ends at the door is no sign-in."""
    result = checks.run(guide=Companion(until="password"))
    assert reached(result) == {"login_username" if clerk.truth.layout == "g3" else "login"}
    assert clerk.truth.sign_ins == []
    assert result.codes == (0,)


def test_person_is_asked_again_until_the_area_is_open(clerk: Clerk) -> None:
    """HUM-1: the walk waits as often as the person needs; when they give up, what stood in the way is raised."""
    if clerk.truth.layout == "g3":
        pytest.skip("signs in on two pages")
    visit = clerk.at_the_door(STUDIO.username, STUDIO.password)
    visit.pages.screen.timeout = 1_000
    visit.pages.open()
    visit.pages.arrive(visit.pages.login)
    asked: list[str] = []

    def sign_in_the_second_time(why: str) -> bool:
        asked.append(why)
        if len(asked) == 2:
            visit.pages.screen.timeout = 5_000
            visit.pages.login.enter_username(STUDIO.username)
            visit.pages.login.enter_password(STUDIO.password)
            visit.pages.login.submit()
        return True

    captcha = PersonNeeded("the portal asks for a person (captcha)", reason="captcha")
    with_a_person(visit.pages, Companion(on_wait=sign_in_the_second_time), captcha)
    assert len(asked) == 2
    assert visit.pages.here in {visit.pages.home, visit.pages.caselle}
    with pytest.raises(PersonNeeded, match="captcha"):
        with_a_person(visit.pages, Companion(), captcha)


@pytest.mark.parametrize("layout", ["g2"])
def test_person_does_at_the_sign_in_what_only_a_person_can(checks: Checks, clerk: Clerk) -> None:
    """HUM-1: the walk waits as often as the person needs, and goes on when the area is open."""
    waited: list[str] = []

    def help_out(why: str) -> bool:
        waited.append(why)
        if len(waited) == 2:  # the second time they have done it
            clerk.portal.approve_sign_ins()
        return True

    clerk.truth.set_options(two_step=True)
    result = checks.run(guide=Companion(on_wait=help_out))
    assert len(waited) == 2
    assert reached(result) >= ALWAYS
    assert clerk.truth.confirm_posts == 0


def test_record_answers_what_a_walk_can_answer_and_holds_nobody_s_data(checks: Checks, clerk: Clerk) -> None:
    """--attended: the record says for each unknown what was seen, or what would tell it; nothing personal is in it."""
    result = checks.run()
    told = {one.unknown.key: one for one in answers(result.checks)}
    assert list(told) == [one.key for one in UNKNOWNS]
    assert len(told) == 24
    for key in ("generation", "sign-in", "technology", "list", "flags", "methods", "years", "consents", "totals"):
        assert told[key].seen, key
    for key in ("confirmation", "transfer", "payment", "terms"):
        assert (told[key].state, told[key].seen) == ("unknown", ())
        assert told[key].told_by
    assert sum("Dichiaro di aver letto" in seen for seen in told["consents"].seen) == 1

    run = stored_run(checks, result)
    for text in (record_as_text(run, result.checks), record_as_json(run, result.checks)):
        for personal in personal_facts(clerk):
            assert personal.lower() not in text.lower(), personal


def stored_run(checks: Checks, result: Result) -> Run:
    """Return the run as the ledger has it."""
    with Ledger.open(checks.config().ledger_url) as ledger:
        run = ledger.run(result.run_id)
    assert run is not None
    return run


def personal_facts(clerk: Clerk) -> set[str]:
    """Return what the portal knows of the customer that no record may hold."""
    owner = clerk.truth.accounts[STUDIO.username]
    boxes = [box for box in clerk.truth.mailboxes.values() if box.account == STUDIO.username]
    holders = {box.holder for box in boxes}
    return {owner.username, owner.greeting, owner.contact_email, *holders, *(box.address for box in boxes)}


def test_mailbox_login_is_walked_too(checks: Checks, clerk: Clerk, layout: Layout) -> None:
    """One mailbox of one person: whatever home and list are there, the form is reached."""
    clerk.portal.reset(scenario="single", layout=layout)
    result = checks.run(SINGLE)
    assert "modulo_ordine" in reached(result)
    assert result.codes == (0,)
