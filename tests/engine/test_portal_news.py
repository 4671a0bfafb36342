"""Checks of the portal over days: what has changed since, who is told of it and when, all without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.checks import Since, since_as_json
from pec_autorenew.engine.earlier import EarlierChecks, checks_of
from pec_autorenew.engine.local import Command, Task
from pec_autorenew.engine.notifying import Herald
from pec_autorenew.engine.portal_news import KNOWN
from pec_autorenew.errors import Maintenance, PersonNeeded
from pec_autorenew.notify.digest import compose
from tests.engine.office import account
from tests.engine.test_notifying import Crier
from tests.engine.walking import Screens, walked_portals

if TYPE_CHECKING:
    from pec_autorenew.engine.local import Result
    from pec_autorenew.ledger import Run
    from pec_autorenew.notify.digest import Notice
    from tests.engine.office import Office

CONFIRM = "modulo_ordine.confirm"
RENAMED = "modulo_ordine.confirm: present → missing; nearest: button «Invia ordine»"


@dataclass
class Watch:
    """An office that looks at the portal each day, and tells of it."""

    office: Office
    screens: Screens = field(default_factory=Screens)
    crier: Crier = field(default_factory=Crier)
    delivered: bool = True
    runs: list[Run] = field(default_factory=list)

    def check(self, **task: Any) -> Result:  # noqa: ANN401 - whatever a task takes
        """Look at the portal, a day later."""
        self.office.clock.advance(timedelta(days=1))
        runner = self.office.runner()
        runner.portals = walked_portals(self.office.truth, self.screens)  # type: ignore[assignment]
        result = runner.run(Task(Command.CHECK_PORTAL, live=False, **task))
        run = self.office.ledger.run(result.run_id)
        assert run is not None
        self.runs.append(run)
        return result

    def told(self, **task: Any) -> list[Notice]:  # noqa: ANN401 - likewise
        """Look at the portal, and return what was told of it."""
        before, result = len(self.crier.notices), self.check(**task)
        office, run = self.office, self.runs[-1]
        herald = Herald(office.config, office.ledger, self.crier, office.clock, run.id)
        self.delivered = herald.tell_check(run, result.checks, result.items)
        return self.crier.notices[before:]

    def changes(self, **task: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - likewise
        """Look at the portal, and return severity, page and change of all that was told."""
        return [
            (one.severity.value, matter.page, change.text)
            for notice in self.told(**task)
            for matter in notice.matters
            for one in [matter]
            for change in one.changes
        ]

    def since(self, number: int, newest: str = "") -> Since | None:
        """Return what a run had to say of changes since an earlier one, or since the one before."""
        run, office = self.runs[number], self.office
        earlier = EarlierChecks(office.ledger, office.config.portal.base_url, run.started_at, newest)
        return earlier.since(checks_of(run))


@pytest.fixture
def watch(office: Office) -> Watch:
    """Give an office with one mailbox, whose order can be walked to."""
    office.truth.add("a@pec.it", 300)
    return Watch(office)


# -- what has changed since --------------------------------------------------------------------------------------------


def test_first_check_has_nothing_before_it_and_the_second_no_change(watch: Watch) -> None:
    """Issue 8: None is not «nothing has changed»."""
    watch.check()
    watch.check()
    assert watch.since(0) is None
    found = watch.since(1)
    assert found is not None
    assert (found.run_id, found.changes) == (watch.runs[0].id, ())


def test_change_is_told_by_page_element_and_what_stands_there_now(watch: Watch) -> None:
    """Issue 8: the next check says what has changed, and the one after it that nothing has; the ledger keeps it."""
    watch.check()
    watch.screens.renamed[CONFIRM] = "Invia ordine"
    watch.screens.buttons["home"] = {"novità"}
    watch.check()
    watch.check()
    found = watch.since(1)
    assert found is not None
    assert [(one.title, [change.text for change in one.changes]) for one in found.changes] == [
        ("Home", ["new: button «novità»"]),
        ("Modulo Ordine", [RENAMED]),
    ]
    assert (watch.runs[1].report or {})["since"] == since_as_json(found)
    later = watch.since(2)
    assert later is not None
    assert later.changes == ()


def test_check_is_compared_with_the_one_that_is_named(watch: Watch) -> None:
    """Issue 8: since run N: what came and stays is told, whatever was told in between."""
    watch.check()
    watch.screens.buttons["home"] = {"novità"}
    watch.check()
    watch.check()
    found = watch.since(2, watch.runs[0].id)
    assert found is not None
    assert found.run_id == watch.runs[0].id
    assert [change.text for one in found.changes for change in one.changes] == ["new: button «novità»"]


def test_page_is_compared_with_the_last_look_that_came_so_far(watch: Watch) -> None:
    """Issue 8: a night of maintenance hides no change, and is none."""
    watch.check()
    watch.screens.stops["home"] = Maintenance("the portal is being maintained")
    watch.screens.renamed[CONFIRM] = "Invia ordine"
    watch.check()
    watch.screens.stops.clear()
    watch.check()
    during, after = watch.since(1), watch.since(2)
    assert during is not None
    assert after is not None
    assert during.changes == ()
    assert [(one.page, one.since and one.since.run_id) for one in after.changes] == [
        ("modulo_ordine", watch.runs[0].id)
    ]  # fmt: skip


def test_page_that_the_way_leads_over_no_more_is_a_change(watch: Watch) -> None:
    """Issue 8: another order of the pages is seen."""
    watch.check()
    watch.screens.left_out.add("home")
    watch.check()
    watch.screens.left_out.clear()
    watch.check()
    told = [
        [change.text for one in found.changes for change in one.changes] for found in map(watch.since, (1, 2)) if found
    ]
    assert told == [["the way leads over this page no more"], ["the way leads over this page now"]]


def test_control_of_a_row_that_goes_with_its_row_is_no_change(watch: Watch) -> None:
    """Rows come and go with what the mailboxes are about; what they bring is new once."""
    watch.check()
    watch.screens.row_buttons["ordini"] = {"scarica"}
    watch.check()
    watch.screens.row_buttons.clear()
    watch.check()
    came, went = watch.since(1), watch.since(2)
    assert came is not None
    assert went is not None
    assert [change.text for one in came.changes for change in one.changes] == ["new: button «scarica»"]
    assert went.changes == ()


# -- who is told -------------------------------------------------------------------------------------------------------


def test_change_is_told_once_and_its_end_once(watch: Watch) -> None:
    """Issue 8, NOT-1: a warning on the day it is seen; silence while it stays; good news when it is over."""
    assert watch.changes() == []
    watch.screens.renamed[CONFIRM] = "Invia ordine"
    assert watch.changes() == [("warning", "Modulo Ordine", RENAMED)]
    assert [watch.changes() for _ in range(10)] == [[]] * 10
    watch.screens.renamed.clear()
    assert watch.changes() == [("info", "Modulo Ordine", "modulo_ordine.confirm: missing → present")]
    assert watch.changes() == []


def test_what_is_not_as_documented_is_told_by_the_first_check(watch: Watch) -> None:
    """Issue 8: nobody had looked before, and it is no less worth a word."""
    watch.screens.renamed[CONFIRM] = "Invia ordine"
    watch.screens.buttons["home"] = {"novità"}
    said = "modulo_ordine.confirm: missing; nearest: button «Invia ordine»"
    assert watch.changes() == [("warning", "Modulo Ordine", said)]
    assert watch.changes() == []


def test_first_word_that_nobody_took_is_said_by_the_next_check(watch: Watch) -> None:
    """NOT-2: a page that nobody has been told of is not known because it was seen."""
    watch.crier.deaf = True
    watch.screens.renamed[CONFIRM] = "Invia ordine"
    assert (watch.changes(), watch.delivered) == ([], False)
    watch.crier.deaf = False
    assert [page for _, page, _ in watch.changes()] == ["Modulo Ordine"]


def test_what_comes_and_goes_with_rows_is_seen_and_told_to_nobody(watch: Watch) -> None:
    """NOT-1: that there is no order to list today is no news of the portal; that a way on is gone would be."""
    watch.told()
    watch.screens.absent = {"ordini.heading"}
    assert watch.changes() == []
    found = watch.since(-1)
    assert found is not None
    assert [change.text for one in found.changes for change in one.changes] == [
        "ordini.heading: present → optional-absent"
    ]  # fmt: skip
    watch.screens.absent = {"dati_intestatario.proceed"}
    assert [page for _, page, _ in watch.changes()] == ["Dati Intestatario"]


def test_quiet_days_leave_no_trace_of_telling(watch: Watch) -> None:
    """NOT-1: nothing changed, nobody told, nothing written."""
    watch.told()
    for _ in range(3):
        watch.told()
    assert len(watch.office.ledger.events(kind=KNOWN)) == 1


def test_change_that_nobody_took_is_told_by_the_next_check(watch: Watch) -> None:
    """NOT-2: for what people know, the look counts that was told, not the last one."""
    watch.told()
    watch.crier.deaf = True
    watch.screens.buttons["home"] = {"novità"}
    assert (watch.changes(), watch.delivered) == ([], False)
    watch.screens.buttons["caselle"] = {"sconto"}
    assert (watch.changes(), watch.delivered) == ([], False)
    watch.crier.deaf = False
    assert [(page, text) for _, page, text in watch.changes()] == [
        ("Home", "new: button «novità»"), ("Caselle PEC", "new: button «sconto»"),
    ]  # fmt: skip
    assert (watch.changes(), watch.delivered) == ([], True)


def test_change_on_top_of_one_that_was_told_is_told_alone(watch: Watch) -> None:
    """NOT-1: what people know already is not said again with it."""
    watch.told()
    watch.screens.buttons["home"] = {"novità"}
    watch.told()
    watch.screens.buttons["home"] = {"novità", "sconto"}
    assert watch.changes() == [("warning", "Home", "new: button «sconto»")]


def test_many_accounts_that_see_the_same_are_told_of_once(watch: Watch) -> None:
    """NOT-3: the portal changed once, however many accounts it has; one that sees another thing is told of too."""
    names = [f"cliente{number}" for number in range(6)]
    watch.office.configure(*map(account, names))
    for name in names:
        watch.office.truth.add(f"{name}@pec.it", 300, account=name)
    watch.told()
    watch.screens.renamed[CONFIRM] = "Invia ordine"
    watch.screens.of["cliente5"] = Screens(buttons={"home": {"novità"}})
    (notice,) = watch.told()
    assert sorted((one.page, one.account) for one in notice.matters) == [
        ("Home", "cliente5"), ("Modulo Ordine", "cliente0, cliente1, cliente2 +2"),
    ]  # fmt: skip
    assert watch.told() == []


def test_walk_that_did_not_come_to_its_end_is_told_as_any_run_tells_it_and_its_end_too(watch: Watch) -> None:
    """SIL-4, NOT-1: a check that no longer gets in is not silent; once it does, that is told once."""
    watch.told()
    watch.screens.stops["home"] = PersonNeeded("a captcha", reason="captcha")
    assert [(one.outcome, one.reason) for notice in watch.told() for one in notice.matters] == [
        ("needs-person", "captcha")
    ]  # fmt: skip
    assert watch.told() == []
    watch.screens.stops.clear()
    assert [(one.outcome, one.reason) for notice in watch.told() for one in notice.matters] == [
        ("resolved", "captcha")
    ]  # fmt: skip
    assert watch.told() == []


def test_account_that_is_configured_no_more_is_forgotten(watch: Watch) -> None:
    """What is remembered never grows."""
    watch.told()
    assert [one.key for one in watch.office.ledger.flags("portal-known/")] == [
        "portal-known/http://127.0.0.1:8000/studio"
    ]  # fmt: skip
    watch.office.configure(account("altro"))
    watch.told()
    assert [one.key for one in watch.office.ledger.flags("portal-known/")] == [
        "portal-known/http://127.0.0.1:8000/altro"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "it",
            [
                "PEC: 1 pagina del portale è cambiata",
                "Il portale è cambiato",
                "• Modulo Ordine (studio)",
                "modulo_ordine.confirm: presente → manca; il più simile: button «Invia ordine»",
                "nuovo: button «novità»",
                "Nulla è stato ordinato.",
            ],
        ),
        (
            "en",
            [
                "PEC: 1 page of the portal changed",
                "The portal has changed",
                "• Modulo Ordine (studio)",
                RENAMED,
                "new: button «novità»",
                "Nothing was ordered.",
            ],
        ),
    ],
)
def test_message_names_page_element_and_change(watch: Watch, language: str, said: list[str]) -> None:
    """Issue 8: in the language of the configuration, with what to do next."""
    watch.told()
    watch.screens.renamed[CONFIRM] = "Invia ordine"
    watch.screens.buttons["modulo_ordine"] = {"novità"}
    (notice,) = watch.told()
    message = compose(notice, language, reveal=False)
    assert message is not None
    text = f"{message.title}\n{message.body}"
    assert [one for one in said if one not in text] == []
    assert "dry-run" not in text
    assert f"pec-autorenew show {watch.runs[-1].id}" in text
