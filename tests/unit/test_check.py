"""`check`: facts of the ledger, and the verdict that a monitoring system gets (SIL-3, SIL-6)."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from pec_autorenew.cli import cli
from pec_autorenew.cli.aftermath import Aftermath
from pec_autorenew.cli.options import Asked
from pec_autorenew.cli.running import Look
from pec_autorenew.config import Clock, Config
from pec_autorenew.config.settings import Layer
from pec_autorenew.ledger import ApprovalFacts, Flag, Handover, Ledger, Renewal, Request, Run, StoredSurvey
from pec_autorenew.model import Mailbox, MailboxState, MailboxType, PaymentMethod, PortalAutorenewal, Survey
from pec_autorenew.report.document import run_document
from pec_autorenew.report.metrics import METRICS, PREFIX, registry_of, write_metrics
from pec_autorenew.report.notes import notes_on
from pec_autorenew.report.probe import Judge, Level, Verdict
from pec_autorenew.report.standing import Known, Standing, standing
from pec_autorenew.states import HandoverState, RenewalState, RequestState

if TYPE_CHECKING:
    from pathlib import Path

PORTAL = "http://127.0.0.1:9"
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)


def config(*names: str, account: dict[str, Any] | None = None, **tables: dict[str, Any]) -> Config:
    """Return a configuration for accounts of these names."""
    accounts = [
        {"name": name, "username": name, "password": {"env": "X"}, "client": f"client of {name}", **(account or {})}
        for name in names or ("studio",)
    ]
    return Config.from_layers((Layer("file", {"portal": {"base_url": PORTAL}, "accounts": accounts, **tables}),))


def box(address: str, days: int, **facts: object) -> Mailbox:
    """Return a mailbox that expires in so many days."""
    expiry = TODAY + timedelta(days=days)
    plain = Mailbox(address, expiry, MailboxState.ACTIVE, MailboxType.STANDARD, PortalAutorenewal.OFF, renewable=True)
    return replace(plain, **facts)  # type: ignore[arg-type]


def seen(*boxes: Mailbox, account: str = "studio", ago: timedelta = timedelta(0)) -> StoredSurvey:
    """Return a complete survey."""
    survey = Survey(account, NOW - ago, boxes, (), orders_visible=True)
    return StoredSurvey(1, PORTAL, survey, "live", complete=True, run_id=None)


def renewal(one: Mailbox, state: RenewalState, account: str = "studio", **facts: object) -> Renewal:
    """Return a renewal of a mailbox."""
    plain = Renewal(
        id=1, portal=PORTAL, account=account, address=one.address, expiry=one.expiry, state=state, reason="",
        message="", years=1, method=PaymentMethod.BONIFICO, gross=None, order_gross=Decimal("30.50"),
        order_number="1001", order_numbers_before=(), reserved_month="2026-12", submitted_at=NOW, settled_at=None,
        expiry_after=None, autorenewal=None, client="", form={}, run_id="run", order_group="g", counts=True,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


def run(code: int | None = 0, *, ago: timedelta = timedelta(hours=2), accounts: tuple[str, ...] = ("studio",)) -> Run:
    """Return the last run; None for one that has not ended."""
    named: list[object] = [{"name": name} for name in accounts]
    ended = None if code is None else NOW - ago + timedelta(minutes=5)
    codes = () if code is None else (code,)
    return Run("run", "renew", "live", PORTAL, NOW - ago, ended, code, codes, {"accounts": named}, None)


def known(*surveys: StoredSurvey, **facts: Any) -> Known:  # noqa: ANN401 - of any type
    """Return what a ledger holds in which nothing is open and the last run went well."""
    return replace(Known(surveys, (), (), (), run(), None, Decimal(0)), **facts)


def judged(what: Known, settings: Config | None = None, **asked: Any) -> Verdict:  # noqa: ANN401 - as `standing` has it
    """Return the verdict with the thresholds of the interface."""
    settings = settings or config()
    return Judge(settings, 30, 7).verdict(standing(settings, what, NOW, **asked))


def kinds(verdict: Verdict) -> list[tuple[str, str]]:
    """Return level and kind of each trouble."""
    return [(one.level.name, one.kind) for one in verdict.troubles]


SUBMITTING, UNKNOWN, WAITING = RenewalState.SUBMITTING, RenewalState.UNKNOWN, RenewalState.AWAITING_PAYMENT
ON = PortalAutorenewal.ON


def test_check_is_ok_where_nothing_is_due() -> None:
    """INTERFACE: one line, with performance data that a monitoring system can read."""
    verdict = judged(known(seen(box("a@pec.it", 200), box("b@pec.it", 90))))
    assert verdict.level is Level.OK
    assert verdict.text() == (
        "PEC OK - 2 mailboxes, the first expires 01/03/2027, in 90 days | mailboxes=2;;;0 expiring=0;;;0 "
        "days_min=90;30:;7: unpaid=0;;;0 unknown=0;;0;0 waiting=0;0;;0 survey_age=0s;;777600;0"
    )


@pytest.mark.parametrize(
    ("one", "state", "expected"),
    [
        (box("a@pec.it", 30), None, []),
        (box("a@pec.it", 29), None, [("WARNING", "not-ordered")]),
        (box("a@pec.it", 29), WAITING, []),
        (box("a@pec.it", 29, autorenewal=ON), None, []),
        (box("a@pec.it", 7), None, [("WARNING", "not-ordered")]),
        (box("a@pec.it", 6), None, [("CRITICAL", "expiring")]),
        (box("a@pec.it", 6), WAITING, [("CRITICAL", "expiring"), ("WARNING", "unpaid")]),
        (box("a@pec.it", 6, autorenewal=ON), None, [("CRITICAL", "expiring")]),
        (box("a@pec.it", 12), WAITING, [("WARNING", "unpaid")]),
        (box("a@pec.it", 20), WAITING, []),
        (box("a@pec.it", -1), None, [("CRITICAL", "expiring")]),
        (box("a@pec.it", -59), None, [("CRITICAL", "expiring")]),
        (box("a@pec.it", -60), None, [("CRITICAL", "deletion")]),
        (box("a@pec.it", -90), None, [("CRITICAL", "deletion")]),
        (box("a@pec.it", -91), None, []),
        (box("a@pec.it", 3, state=MailboxState.CANCELLED), None, []),
        (box("fuori@pec.it", 3), None, []),
        (box("a@pec.it", 100), UNKNOWN, [("CRITICAL", "unknown")]),
        (box("a@pec.it", 100), SUBMITTING, [("CRITICAL", "unknown")]),
    ],
    ids=lambda value: str(getattr(value, "expiry", value)),
)
def test_check_judges_a_mailbox(one: Mailbox, state: RenewalState | None, expected: list[tuple[str, str]]) -> None:
    """SIL-3: below its critical days an unpaid order is critical too; excluded and cancelled stand apart."""
    what = known(seen(one), open=(renewal(one, state),) if state else ())
    assert kinds(judged(what, config(account={"exclude": ["fuori@*"]}))) == expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(days=9), []),
        (timedelta(days=9, seconds=1), [("CRITICAL", "survey-old")]),
        (timedelta(hours=-2), [("WARNING", "clock")]),
    ],
)
def test_check_shows_a_dead_timer(ago: timedelta, expected: list[tuple[str, str]]) -> None:
    """SIL-6: a survey older than `survey_max_age` and two days is critical, though no mailbox is."""
    assert kinds(judged(known(seen(box("a@pec.it", 200), ago=ago)))) == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, []),
        (run(0), []),
        *((run(code), [("CRITICAL", "run-failed")]) for code in (5, 6, 78)),
        *((run(code), [("WARNING", "run-failed")]) for code in (1, 3, 4, 7, 8, 75)),
        (replace(run(7), exit_codes=(7, 6)), [("CRITICAL", "run-failed")]),
        (run(None, ago=timedelta(hours=2, minutes=30)), []),
        (run(None, ago=timedelta(hours=2, minutes=31)), [("CRITICAL", "run-never-ended")]),
    ],
    ids=str,
)
def test_check_judges_the_last_run(last: Run | None, expected: list[tuple[str, str]]) -> None:
    """SIL-4: how the last scheduled run ended is told, and that it never did."""
    assert kinds(judged(known(seen(box("a@pec.it", 200)), last_run=last))) == expected


def test_check_forgets_no_order_of_an_account_that_is_gone() -> None:
    """DUP-4: an account that was taken out of the configuration takes no unknown order with it."""
    gone = renewal(box("b@pec.it", 20), UNKNOWN, "gone")
    what = known(seen(box("a@pec.it", 200)), open=(gone,))
    assert kinds(judged(what)) == [("CRITICAL", "unknown")]
    assert kinds(judged(what, accounts={"studio"})) == []


def test_check_leaves_an_order_alone_that_is_being_placed() -> None:
    """DUP-1: `submitting` is no alarm while its run goes on."""
    one = box("a@pec.it", 20)
    what = known(seen(one), open=(renewal(one, SUBMITTING),), last_run=run(None, ago=timedelta(minutes=5)))
    assert kinds(judged(what)) == []


def test_check_tells_what_waits_for_a_person() -> None:
    """HUM-4: handovers, approvals that can still be given, and a pause are warnings."""
    handover = Handover(
        1, PORTAL, "studio", "captcha", "", "…", HandoverState.PARKED, asked_at=NOW, wait_until=NOW, settled_at=None,
        run_id=None,
    )  # fmt: skip
    facts = ApprovalFacts("studio", "a@pec.it", TODAY, 1, PaymentMethod.BONIFICO, Decimal(30))
    asked = Request(1, PORTAL, facts, "?", RequestState.ASKED, NOW, NOW, None, NOW + timedelta(days=1), None, None)
    late, granted = replace(asked, valid_until=NOW), replace(asked, state=RequestState.ANSWERED)
    what = known(
        seen(box("a@pec.it", 200)),
        handovers=(handover, replace(handover, account="of nobody")),
        questions=(asked, late, granted),
        paused=Flag("pause", "", NOW),
    )
    assert kinds(judged(what)) == [("WARNING", "waiting"), ("WARNING", "waiting"), ("WARNING", "paused")]
    assert "waiting=2;0;;0" in judged(what).figures()


def test_check_knows_nothing_before_the_first_look() -> None:
    """INTERFACE: no survey at all is UNKNOWN; what is critical is critical all the same."""
    nothing = known(last_run=None)
    assert (judged(nothing).level, kinds(judged(nothing))) == (Level.UNKNOWN, [("UNKNOWN", "never-seen")])
    assert "days_min=U;30:;7:" in judged(nothing).figures()
    assert kinds(judged(known(last_run=run(6)))) == [("CRITICAL", "run-failed"), ("UNKNOWN", "never-seen")]


@pytest.mark.parametrize(("accounts", "level"), [(("studio",), "WARNING"), (("studio", "nuovo"), "CRITICAL")])
def test_check_tells_a_new_account_from_one_that_cannot_be_looked_at(accounts: tuple[str, ...], level: str) -> None:
    """SIL-6: an account that a run had in its configuration and never saw is critical; a new one waits for its run."""
    what = known(seen(box("a@pec.it", 200)), last_run=run(0, accounts=accounts))
    assert kinds(judged(what, config("studio", "nuovo"))) == [(level, "never-seen")]


def test_check_misses_a_mailbox_that_the_configuration_names() -> None:
    """SIL-2: a mailbox that is named and was not shown is critical."""
    settings = config(account={"include": ["a@pec.it", "b@pec.it"]})
    verdict = judged(known(seen(box("a@pec.it", 200))), settings)
    assert [(one.kind, one.mailbox) for one in verdict.troubles] == [("not-shown", "b@pec.it")]


def test_check_counts_a_mailbox_of_two_accounts_once() -> None:
    """DUP-9: whoever saw it last counts, and whoever does not look after it does not."""
    one, two = seen(box("a@pec.it", 3), ago=timedelta(days=1)), seen(box("a@pec.it", 368), account="zweit")
    facts = standing(config("studio", "zweit"), known(one, two), NOW)
    assert [(found.account, found.left) for found in facts.boxes] == [("zweit", 368)]


def test_check_narrows_to_an_account() -> None:
    """INTERFACE: --account and --mailbox leave the others out."""
    what = known(seen(box("a@pec.it", 3), box("c@pec.it", 3)), seen(box("b@pec.it", 300), account="zweit"))
    settings = config("studio", "zweit")
    assert judged(what, settings, accounts={"zweit"}).level is Level.OK
    assert [one.mailbox for one in judged(what, settings, mailboxes={"c@pec.it"}).troubles] == ["c@pec.it"]


def test_check_s_text_holds_one_bar_and_few_lines() -> None:
    """INTERFACE: what a portal calls a mailbox is taken neither for figures nor for a line."""
    boxes = [box(f"a|{number}\n@pec.it", 3) for number in range(50)]
    text = judged(known(seen(*boxes))).text()
    assert text.count("|") == 1
    assert len(text.splitlines()) == 22
    assert text.splitlines()[-1].startswith("and 30 more")


def test_check_is_quick_with_two_thousand_mailboxes(tmp_path: Path) -> None:
    """INTERFACE: the probe reads the ledger and decides, in time that a monitoring system has."""
    with Ledger.open(tmp_path / "ledger.sqlite3") as ledger:
        boxes = tuple(box(f"box{number}@pec.it", number % 360 + 8) for number in range(2000))
        ledger.record_survey(PORTAL, Survey("studio", NOW, boxes, (), orders_visible=True), mode="live")
    runner = CliRunner()
    file = tmp_path / "config.toml"
    file.write_text(
        f'ledger = {{ state_dir = "." }}\nportal = {{ base_url = "{PORTAL}" }}\n'
        '[[accounts]]\nname = "studio"\nusername = "studio"\npassword = { env = "X" }\n'
    )
    started = time.process_time()
    done = runner.invoke(cli, ["check", "--json", "-c", str(file)], env={"PEC_AUTORENEW_CLOCK": NOW.isoformat()})
    assert time.process_time() - started < 2
    document = json.loads(done.stdout)
    assert (done.exit_code, document["status"], document["mailboxes"]) == (1, "WARNING", 2000)
    assert document["schema"] == "pec-autorenew/check/1"
    assert {one["kind"] for one in document["problems"]} == {"not-ordered"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "There is no ledger"),
        (["--account", "nobody"], "There is no account 'nobody'"),
        (["--warn", "3"], "--warn 3 is below --crit 7"),
        (["-c", "nowhere.toml"], "cannot be read"),
    ],
)
def test_check_says_unknown_where_it_cannot_judge(tmp_path: Path, arguments: list[str], words: str) -> None:
    """INTERFACE: 3, never 1 or 2, where ledger or configuration cannot be read; and no ledger is made."""
    file = tmp_path / "config.toml"
    file.write_text(
        f'ledger = {{ state_dir = "state" }}\nportal = {{ base_url = "{PORTAL}" }}\n'
        '[[accounts]]\nname = "studio"\nusername = "studio"\npassword = { env = "X" }\n'
    )
    named = [] if "-c" in arguments else ["-c", str(file)]
    plain = CliRunner().invoke(cli, ["check", *named, *arguments])
    assert (plain.exit_code, plain.stdout.count("\n")) == (3, 1)
    assert plain.stdout.startswith("PEC UNKNOWN - ")
    assert words in plain.stdout
    document = json.loads(CliRunner().invoke(cli, ["check", "--json", *named, *arguments]).stdout)
    assert (document["status"], document["exit_code"]) == ("UNKNOWN", 3)
    assert not (tmp_path / "state").exists()


def test_check_says_unknown_where_something_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIL-4: a fault of the probe itself is UNKNOWN, with its place on stderr, and no warning by accident."""
    monkeypatch.setattr("pec_autorenew.report.standing.standing", lambda *_, **__: 1 / 0)
    with Ledger.open(tmp_path / "ledger.sqlite3"):
        pass
    file = tmp_path / "config.toml"
    file.write_text(
        f'ledger = {{ state_dir = "." }}\nportal = {{ base_url = "{PORTAL}" }}\n'
        '[[accounts]]\nname = "studio"\nusername = "studio"\npassword = { env = "X" }\n'
    )
    done = CliRunner().invoke(cli, ["check", "-c", str(file)])
    assert done.exit_code == 3
    assert done.stdout == "PEC UNKNOWN - ZeroDivisionError: something that nobody foresaw; stderr says where.\n"


# -- the same facts as metrics ----------------------------------------------------------------------------------------


def facts_of_everything() -> Standing:
    """Return facts in which every metric has its own value."""
    boxes = [box("n@pec.it", 200), box("d@pec.it", 20), box("w@pec.it", 19), box("u@pec.it", 18), box("e@pec.it", -3)]
    boxes += [box("p@pec.it", 25, autorenewal=ON), box("fuori@pec.it", 1), box("z@pec.it", -100)]
    opened = (renewal(boxes[2], WAITING), renewal(boxes[3], UNKNOWN))
    what = known(seen(*boxes), open=opened, last_run=run(6), spent=Decimal("61.00"))
    return standing(config("studio", "nuovo", account={"exclude": ["fuori@*"]}), what, NOW)


def test_metrics_say_what_check_says(tmp_path: Path) -> None:
    """INTERFACE: the same facts, for everybody to read, in one step, and without the name of a mailbox."""
    path = tmp_path / "pec.prom"
    write_metrics(path, registry_of(facts_of_everything(), 7, Decimal("500.00")))
    text = path.read_text("utf-8")
    values = dict(re.findall(r"^pec_autorenew_(\S+) (\S+)$", text, re.MULTILINE))
    states = {"not-due": 1, "due": 1, "awaiting-payment": 1, "unknown": 1, "portal-autorenewal": 1, "expired": 1}
    states |= {"not-renewable-here": 0, "excluded": 1, "cancelled": 1}
    assert {name: float(value) for name, value in values.items() if "info" not in name} == {
        **{f'mailboxes{{state="{state}"}}': number for state, number in states.items()},
        "mailboxes_critical": 1,
        "days_to_expiry_min": -3,
        "orders_awaiting_payment": 1,
        "orders_unknown": 1,
        "handovers_open": 0,
        "paused": 0,
        "last_run_timestamp_seconds": (NOW - timedelta(hours=2) + timedelta(minutes=5)).timestamp(),
        "last_run_exit_code": 6,
        'last_survey_timestamp_seconds{account="studio"}': NOW.timestamp(),
        'last_survey_timestamp_seconds{account="nuovo"}': 0,
        "budget_month_spent_euro": 61,
        "budget_month_limit_euro": 500,
    }
    assert "@pec.it" not in text
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["pec.prom"]


def test_metrics_follow_each_run_that_is_told_of(tmp_path: Path) -> None:
    """INTERFACE: they are written after a run, from the ledger; where they cannot be, its exit code becomes 8."""
    settings = config(
        monitoring={"textfile": str(tmp_path / "metrics" / "pec.prom")}, ledger={"state_dir": str(tmp_path / "state")}
    )
    with Ledger.open(settings.ledger_url) as ledger:
        asked = Asked(None, quiet=True, verbose=False, log_json=False)
        look = Look(asked, settings, ledger, Clock(), frozenset(), frozenset())
        ledger.start_run("2026-12-01T08-00-00Z-1a2b", "plan", "dry-run", settings.portal.base_url, NOW)
        ledger.finish_run("2026-12-01T08-00-00Z-1a2b", NOW, 0, (0,))
        run = ledger.run("2026-12-01T08-00-00Z-1a2b")
        assert run is not None
        document = run_document(run)
        told = Aftermath(look).follow(document, notes_on(settings, ledger, (), NOW))
        assert (told["exit_code"], told["exit_codes"]) == (8, [8])
        (tmp_path / "metrics").mkdir()
        told = Aftermath(look).follow(document, notes_on(settings, ledger, (), NOW))
        assert told["exit_code"] == 0
    assert "pec_autorenew_info" in (tmp_path / "metrics" / "pec.prom").read_text("utf-8")


def test_metrics_leave_out_what_nobody_knows(tmp_path: Path) -> None:
    """INTERFACE: before the first run there is no exit code, and no 0 in its place."""
    path = tmp_path / "pec.prom"
    write_metrics(path, registry_of(standing(config(), known(last_run=None), NOW), 7, None))
    text = path.read_text("utf-8")
    assert not any(name in text for name in ("last_run", "days_to_expiry", "month_limit"))


def test_metrics_stand_in_the_document() -> None:
    """Whoever writes an alert rule finds each metric in the document, with its labels and its meaning, and no other."""
    from tests.architecture.test_docs import ROOT

    text = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
    rows = re.findall(r"^\| `(pec_autorenew_\w+)(?:\{(\w+)\})?` \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(PREFIX + name, ",".join(labels), says) for name, labels, says in METRICS]
