"""SIL-6, TIM-3: what was seen, and when the tool ran."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import schema
from pec_autorenew.model import (
    Item,
    Mailbox,
    MailboxState,
    MailboxType,
    OrderState,
    Outcome,
    PortalAutorenewal,
    PortalOrder,
    Survey,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.ledger import Ledger, Renewal


@pytest.fixture
def survey(now: datetime) -> Survey:
    """Return a survey with everything in it, and with everything missing that may be missing."""
    return Survey(
        account="studio",
        taken_at=now,
        mailboxes=(
            Mailbox(
                "studio@pec.it",
                date(2026, 12, 10),
                MailboxState.ACTIVE,
                MailboxType.PRO,
                PortalAutorenewal.OFF,
                renewable=True,
                tab="Le mie caselle PEC",
            ),
            Mailbox(
                "più@pec.it",
                date(2026, 2, 28),
                MailboxState.NOT_SHOWN,
                None,
                PortalAutorenewal.NOT_SHOWN,
                renewable=False,
            ),
        ),
        orders=(
            PortalOrder(
                "12",
                date(2026, 11, 1),
                OrderState.PAID,
                Decimal("1234.50"),
                frozenset({"b@pec.it", "a@pec.it"}),
                "12 € 1.234,50",
            ),
            PortalOrder(None, None, OrderState.OTHER, None, frozenset(), "…"),
        ),
        orders_visible=True,
        offers_flags=True,
    )


def test_survey_kept_comes_back_equal(ledger: Ledger, portal: str, survey: Survey) -> None:
    """A survey read from the ledger is the survey that was made, its instant aware and in UTC."""
    survey_id = ledger.record_survey(portal, survey, mode="live", run_id="run-1")

    stored = ledger.last_survey(portal + "/", "studio")

    assert stored is not None
    assert (stored.id, stored.survey, stored.mode, stored.complete) == (survey_id, survey, "live", True)
    assert (stored.portal, stored.run_id, stored.survey.taken_at.tzinfo) == (portal, "run-1", UTC)


def test_survey_taken_in_another_zone_is_the_same_instant(ledger: Ledger, portal: str, survey: Survey) -> None:
    """TIM-1: an instant in Auckland's zone comes back as the same instant in UTC; a naive one is refused."""
    there = survey.taken_at.astimezone(timezone(timedelta(hours=13)))
    ledger.record_survey(portal, replace(survey, taken_at=there), mode="live")

    stored = ledger.last_survey(portal, "studio")

    assert stored is not None
    assert (stored.survey.taken_at, stored.survey.taken_at.utcoffset()) == (there, timedelta(0))
    with pytest.raises(LedgerError, match="naive"):
        ledger.record_survey(portal, replace(survey, taken_at=there.replace(tzinfo=None)), mode="live")


def test_survey_incomplete_does_not_hide_the_last_complete(ledger: Ledger, portal: str, survey: Survey) -> None:
    """SIL-6: only a complete survey proves something; the newest of all is still the newest."""
    later = replace(survey, taken_at=survey.taken_at + timedelta(days=1), mailboxes=())
    ledger.record_survey(portal, survey, mode="dry-run")
    ledger.record_survey(portal, later, mode="live", complete=False)
    ledger.record_survey(portal, replace(later, account="other"), mode="live", complete=False)

    newest, proof = ledger.last_survey(portal, "studio"), ledger.last_survey(portal, "studio", complete_only=True)

    assert newest is not None
    assert proof is not None
    assert (newest.complete, newest.survey) == (False, later)
    assert (proof.complete, proof.mode, proof.survey) == (True, "dry-run", survey)
    assert [stored.survey.account for stored in ledger.last_surveys(portal)] == ["other", "studio"]
    assert [stored.survey for stored in ledger.last_surveys(portal, complete_only=True)] == [survey]


def test_survey_of_another_portal_or_account_is_not_found(ledger: Ledger, portal: str, survey: Survey) -> None:
    """A survey belongs to one account at one portal."""
    ledger.record_survey(portal, survey, mode="live")

    assert ledger.last_survey(portal, "other") is None
    assert ledger.last_survey("https://other.example", "studio") is None
    assert ledger.last_surveys("https://other.example") == ()


def test_survey_in_an_unknown_form_is_refused(ledger: Ledger, portal: str, survey: Survey) -> None:
    """What a later version wrote in another form is not guessed at."""
    ledger.record_survey(portal, survey, mode="live")
    with ledger._database.writing() as connection:
        connection.execute(schema.survey.update().values(payload={"format": 2}))

    with pytest.raises(LedgerError, match="unknown form"):
        ledger.last_survey(portal, "studio")


def test_run_started_and_finished_is_kept(ledger: Ledger, portal: str, now: datetime) -> None:
    """A run has its start from the first moment, its end when it ended, and its report as it was given."""
    later = now + timedelta(minutes=3)
    ledger.start_run("run-3", "renew", "dry-run", portal, later, {"limits": {"max_per_run": Decimal("200.00")}})
    started = ledger.run("run-3")
    assert started is not None
    assert (started.finished_at, started.exit_code, started.report) == (None, None, None)
    assert started.config == {"limits": {"max_per_run": "200.00"}}

    ledger.finish_run("run-3", later, 5, (5, 8), {"items": []})

    finished = ledger.run("run-3")
    assert finished is not None
    assert (finished.finished_at, finished.exit_code, finished.exit_codes) == (later, 5, (5, 8))
    assert (finished.report, finished.mode, finished.command) == ({"items": []}, "dry-run", "renew")
    assert [run.id for run in ledger.runs(2)] == ["run-3", "run-2"]
    assert [run.id for run in ledger.runs(portal="https://other.example")] == []


def test_run_over_thousands_of_mailboxes_is_kept_small_and_whole(ledger: Ledger, portal: str, now: datetime) -> None:
    """RES-3: what each run keeps of configuration and report is no megabytes; what was written is what is read."""
    items = [{"mailbox": f"m{number}@pec.it", "message": "Expires in 200 days."} for number in range(5000)]
    ledger.start_run("run-3", "renew", "live", portal, now + timedelta(minutes=3), {"accounts": items})
    ledger.finish_run("run-3", now + timedelta(minutes=4), 0, (0,), {"items": items})

    run = ledger.run("run-3")

    assert run is not None
    assert (run.config, run.report) == ({"accounts": items}, {"items": items})
    with ledger._database.reading() as connection:
        stored = connection.execute(text("SELECT config, report FROM run WHERE id = 'run-3'")).one()
    assert all(len(str(one)) < len(str(items)) / 5 for one in stored)
    (brief,) = ledger.runs(1, brief=True)
    assert (brief.id, brief.exit_code, brief.config, brief.report) == ("run-3", 0, {}, None)


def test_run_unknown_cannot_finish(ledger: Ledger, now: datetime) -> None:
    """A run that never began does not end; one name is one run."""
    with pytest.raises(LedgerError, match="no run"):
        ledger.finish_run("run-9", now, 0)
    with pytest.raises(LedgerError):
        ledger.start_run("run-1", "renew", "live", "https://areaclienti.pec.it", now)
    assert ledger.run("run-9") is None


def test_run_latest_start_is_what_the_clock_is_compared_with(ledger: Ledger, portal: str, now: datetime) -> None:
    """TIM-3: the latest start counts, not the last one written."""
    ledger.start_run("run-3", "list", "live", portal, now - timedelta(days=3))

    assert ledger.last_moment(portal, but="another") == now
    assert ledger.last_moment("https://other.example", but="another") is None


def test_not_ordered_failure_before_the_click_is_an_event(ledger: Ledger, portal: str, now: datetime) -> None:
    """SIL-4: what went wrong before anything was pressed is told, without a renewal that never was."""
    item = Item("studio", "studio@pec.it", Outcome.STOPPED, "over-limit", "45,00 €", expiry_before=date(2026, 12, 10))

    ledger.not_ordered(portal, item, now, run_id="run-1", facts={"evidence": ["a.png"]})

    (event,) = ledger.events(run_id="run-1", kind="not-ordered")
    assert (event.account, event.renewal_id, event.from_state, event.at) == ("studio", None, None, now)
    assert (event.facts["outcome"], event.facts["reason"], event.facts["expiry"]) == (
        "stopped",
        "over-limit",
        "2026-12-10",
    )
    assert event.facts["evidence"] == ["a.png"]


def test_renewals_asked_by_any_attribute_are_found(
    ledger: Ledger, portal: str, submitted: Callable[..., Renewal]
) -> None:
    """History answers by portal, account, mailbox, run and click."""
    first = submitted("a@pec.it", account="a", group="one")
    second = submitted("b@pec.it", account="b")

    assert ledger.renewals() == (first, second)
    assert ledger.renewals(portal, account="b") == (second,)
    assert ledger.renewals(address=" A@pec.it", run_id="run-1") == (first,)
    assert ledger.renewals(group="one") == (first,)
    assert ledger.renewals(run_id="run-2") == ()
    assert ledger.find(portal, "c@pec.it", date(2026, 12, 10)) is None


def test_last_run_is_the_newest_live_one_of_the_wanted_commands(ledger: Ledger, now: datetime) -> None:
    """SIL-6: a dry run, a list, or a run at another portal says nothing of the timer."""
    portal = "https://altrove.example/"
    assert ledger.last_run(portal, ("renew",)) is None
    for number, (command, mode, where) in enumerate(
        [
            ("renew", "live", portal),
            ("renew", "dry-run", portal),
            ("list", "live", portal),
            ("renew", "live", "https://portale.example"),
        ]
    ):
        ledger.start_run(f"there-{number}", command, mode, where, now + timedelta(hours=number), {"accounts": []})
    ledger.finish_run("there-0", now, 7, [7, 3], {"items": []})
    last = ledger.last_run(portal, ("renew", "reconcile"))
    assert last is not None
    assert (last.id, last.exit_codes, last.config, last.report) == ("there-0", (7, 3), {"accounts": []}, None)


def test_examination_finds_a_sound_ledger_sound(ledger: Ledger) -> None:
    """ENV-1: nothing is damaged, and nothing is left behind."""
    assert ledger.examine() == ()
    assert ledger.events() == ()
