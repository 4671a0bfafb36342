"""What goes along with a command: messages and pings to real servers, exit codes, `notify test` (NOT-1 to NOT-3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from pec_autorenew.cli.aftermath import Aftermath
from pec_autorenew.cli.options import Asked
from pec_autorenew.cli.running import Look
from pec_autorenew.cli.watching import Silence
from pec_autorenew.config import clock_from_env
from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.errors import AnotherRun, ConfigError, LedgerError, NotRecorded
from pec_autorenew.ledger import Ledger
from pec_autorenew.model import (
    Item,
    Mailbox,
    MailboxState,
    MailboxType,
    Outcome,
    PaymentMethod,
    PortalAutorenewal,
    Survey,
)
from pec_autorenew.report.document import run_document
from pec_autorenew.report.notes import notes_on
from pec_autorenew.results import item_as_json
from tests.cli.users import HEAD, MARKS, STUDIO
from tests.notify.receivers import TOKEN, Receiver, closed_port, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import User

PORTAL = "http://127.0.0.1:9/"
RUN = "2026-12-01T08-00-00Z-0001"
TODAY = date(2026, 12, 1)
ORDERED = Item(
    "studio",
    "studio@pec.it",
    Outcome.AWAITING_PAYMENT,
    "ordered",
    "Order 12345678 is in «Attesa pagamento» (bonifico, 30,50 €).",
    expiry_before=date(2026, 12, 20),
    years=1,
    method=PaymentMethod.BONIFICO,
    gross=Decimal("30.50"),
    order_gross=Decimal("30.50"),
    order_number="12345678",
    pay_by=date(2026, 12, 15),
    reminder=True,
)
NOTIFY = """
[notify]
urls = [{ env = "PEC_NOTIFY_URL" }]
ping_url = { env = "PEC_PING_URL" }
timeout = "10 s"
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a server that takes messages and pings."""
    with receiving() as one:
        yield one


def secrets(receiver: Receiver) -> dict[str, str]:
    """Return the environment that leads to it."""
    return {"PEC_NOTIFY_URL": receiver.channel, "PEC_PING_URL": receiver.ping_url}


# -- what follows a run, in this process --------------------


@dataclass
class Desk:
    """A run that has ended, and what follows it."""

    look: Look

    def aftermath(self, *, live: bool = True) -> Aftermath:
        """Return what goes along with a run."""
        return Aftermath(self.look, live=live)

    def follow(self, *items: Item, run_id: str = RUN, code: int = 0, mode: str = "live") -> dict[str, Any]:
        """Let a run end with these items, and do what follows."""
        ledger, now = self.look.ledger, self.look.clock()
        ledger.start_run(run_id, "renew", mode, PORTAL, now)
        report = {"items": [item_as_json(item) for item in items]}
        ledger.finish_run(run_id, now, code, (code,), report)
        stored = ledger.run(run_id)
        assert stored is not None
        notes = notes_on(self.look.config, ledger, items, now)
        aftermath = self.aftermath(live=mode == "live")
        aftermath.prelude(run_id)
        return aftermath.follow(run_document(stored), notes)


@pytest.fixture
def desk(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Give a desk whose configuration names the receiver."""
    for name, value in secrets(receiver).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PEC_AUTORENEW_CLOCK", "2026-12-01T09:00:00+01:00")
    tree: dict[str, Any] = {
        "portal": {"base_url": PORTAL},
        "ledger": {"state_dir": str(tmp_path / "state")},
        "accounts": [{"name": "studio", "username": "studio@aruba.it", "password": {"env": "UNUSED"}}],
        "notify": {"urls": [{"env": "PEC_NOTIFY_URL"}], "ping_url": {"env": "PEC_PING_URL"}, "timeout": "5 s"},
    }
    config = Config.from_layers((Layer("file", tree),))
    asked = Asked(None, quiet=False, verbose=False, log_json=False)
    with Ledger.open(config.ledger_url) as ledger:
        yield Desk(Look(asked, config, ledger, clock_from_env(config), frozenset(), frozenset()))


def test_digest_is_sent_after_the_run_and_the_ping_comes_last(desk: Desk, receiver: Receiver) -> None:
    """NOT-1, NOT-2: start, digest, success, in this order; a second run is silent but for its pings."""
    document = desk.follow(ORDERED)
    assert document["exit_code"] == 0
    assert [method for method, _, _ in receiver.requests] == ["GET", "POST", "GET"]
    assert receiver.pings == ["/start", ""]
    ((_, title, text),) = receiver.messages
    assert title == "PEC: 1 ordine da pagare (s…o@pec.it)"
    assert "Da pagare entro il 15/12/2026." in text
    receiver.requests.clear()
    desk.follow(ORDERED, run_id="second")
    assert (receiver.messages, receiver.pings) == ([], ["/start", ""])


def test_message_that_nobody_takes_is_exit_code_8_and_the_ping_says_so(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """NOT-2: the work is fine, the message was not delivered; stderr names place and reason, never the address."""
    monkeypatch.setenv("PEC_NOTIFY_URL", f"json://127.0.0.1:{closed_port()}/{TOKEN}")
    document = desk.follow(ORDERED)
    assert (document["exit_code"], document["exit_codes"]) == (8, [8])
    assert receiver.pings == ["/start", "/8"]
    err = capfd.readouterr().err
    assert "notify.urls.0 did not take a message: no connection" in err
    assert "nobody took a message about this run" in err
    assert TOKEN not in err
    worse = desk.follow(ORDERED, run_id="second", code=5)
    assert (worse["exit_code"], worse["exit_codes"]) == (5, [5, 8])


def test_exit_code_8_is_everywhere_that_of_the_process(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SIL-4, NOT-2: ledger, report, page and figures say how the run ended, also where that showed only afterwards."""
    look, figures = desk.look, tmp_path / "pec.prom"
    config = look.config.model_copy(
        update={"monitoring": look.config.monitoring.model_copy(update={"textfile": str(figures)})}
    )
    desk = Desk(Look(look.asked, config, look.ledger, look.clock, look.accounts, look.mailboxes))
    monkeypatch.setenv("PEC_PING_URL", f"http://127.0.0.1:{closed_port()}/{TOKEN}")
    document = desk.follow(ORDERED)
    stored = look.ledger.run(RUN)
    assert stored is not None
    assert (stored.exit_code, stored.exit_codes) == (8, (8,))
    assert stored.report is not None, "all else stays"
    folder = look.folder(RUN)
    assert json.loads((folder / "report.json").read_text("utf-8")) == document
    assert "<small>exit 8</small>" in (folder / "report.html").read_text("utf-8")
    assert "last_run_exit_code 8.0" in figures.read_text("utf-8")


def test_channel_that_fails_while_another_works_is_said_and_is_no_exit_code(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """NOT-2: a line on stderr and an event; the message has arrived."""
    monkeypatch.setenv("PEC_SECOND", f"json://127.0.0.1:{closed_port()}/{TOKEN}")
    notify = desk.look.config.notify
    channel = notify.urls[0].model_copy(update={"env": "PEC_SECOND"})
    more = notify.model_copy(update={"urls": (*notify.urls, channel)})
    look = desk.look
    config = look.config.model_copy(update={"notify": more})
    document = Desk(Look(look.asked, config, look.ledger, look.clock, look.accounts, look.mailboxes)).follow(ORDERED)
    assert document["exit_code"] == 0
    assert "notify.urls.1 did not take a message: no connection" in capfd.readouterr().err
    (event,) = look.ledger.events(kind="message-not-taken")
    assert event.run_id == RUN
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("code", [0, 3, 7])
def test_ping_that_is_not_taken_is_exit_code_8(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], code: int
) -> None:
    """NOT-2: a failing ping is a problem too, and hides nothing worse."""
    monkeypatch.setenv("PEC_PING_URL", f"http://127.0.0.1:{closed_port()}/{TOKEN}")
    document = desk.follow(code=code)
    assert document["exit_codes"] == ([code, 8] if code else [8])
    err = capfd.readouterr().err
    assert "notify.ping_url did not take a ping (start): no connection" in err
    assert TOKEN not in err


def test_dry_run_is_no_sign_of_life_and_its_message_is_marked(desk: Desk, receiver: Receiver) -> None:
    """DRY-1: no ping, «[dry-run]» before the title, and the live run after it tells the same in earnest."""
    desk.follow(ORDERED, mode="dry-run")
    ((_, title, _),) = receiver.messages
    assert title == "[dry-run] PEC: 1 ordine da pagare (s…o@pec.it)"
    desk.follow(ORDERED, run_id="second")
    assert [title for _, title, _ in receiver.messages][1:] == ["PEC: 1 ordine da pagare (s…o@pec.it)"]
    assert receiver.pings == ["/start", ""]


def test_order_that_the_ledger_does_not_know_goes_to_every_channel_each_time(desk: Desk, receiver: Receiver) -> None:
    """DUP-8: number, mailbox and gross are in the message, for they may be nowhere else."""
    error = NotRecorded("an order for studio@pec.it (30.50 EUR, number 12345678) was sent to the portal as studio")
    for _ in range(2):
        desk.aftermath().broke(error)
    texts = [text for kind, _, text in receiver.messages if kind == "failure"]
    assert len(texts) == 2
    for text in texts:
        assert "an order for s…o@pec.it (30.50 EUR, number 12345678) was sent" in text
        assert "può esistere un ordine ignoto" in text
    assert receiver.pings == ["/5", "/5"]


@pytest.mark.parametrize(
    ("error", "messages", "pings"),
    [
        (ConfigError("No browser could be started."), 1, ["/78", "/78"]),
        (LedgerError("The ledger cannot be written: disk full."), 2, ["/78", "/78"]),
        (AnotherRun("another run is active"), 0, []),
    ],
    ids=["not-fit", "ledger", "another-run"],
)
def test_run_that_ends_with_an_error_is_told_and_pinged(
    desk: Desk, receiver: Receiver, error: PecAutorenewError, messages: int, pings: list[str]
) -> None:
    """NOT-1, NOT-2: once per problem where the ledger can remember it; another run is told by itself."""
    for _ in range(2):
        desk.aftermath().broke(error)
    assert len(receiver.messages) == messages
    assert receiver.pings == pings


def test_what_was_urgent_is_told_though_the_run_breaks(desk: Desk, receiver: Receiver) -> None:
    """NOT-1: there will be no digest; what waited for it goes out."""
    aftermath = desk.aftermath()
    watching = aftermath.hearing(Silence())
    desk.look.ledger.start_run(RUN, "renew", "live", PORTAL, desk.look.clock())
    aftermath.prelude(RUN)
    watching.done(Item("studio", "dubbia@pec.it", Outcome.UNKNOWN, "unknown", "lost", date(2026, 12, 20)))
    aftermath.broke(ConfigError("the browser died"))
    assert [title for _, title, _ in receiver.messages] == [
        "Allarme PEC: 1 caso da verificare subito (d…a@pec.it)",
        "Allarme PEC: esecuzione fallita",
    ]


def test_nothing_of_the_addresses_is_in_the_ledger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1: what failed is written down; the token is not."""
    monkeypatch.setenv("PEC_NOTIFY_URL", f"json://127.0.0.1:{closed_port()}/{TOKEN}")
    monkeypatch.setenv("PEC_PING_URL", f"http://127.0.0.1:{closed_port()}/{TOKEN}")
    desk.follow(ORDERED)
    events = desk.look.ledger.events(run_id=RUN)
    assert {event.kind for event in events} >= {"message-not-taken", "ping-not-taken"}
    assert TOKEN not in json.dumps([dict(event.facts) for event in events], default=str)


def test_ledger_that_fails_after_the_run_changes_no_outcome(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """NOT-2: the message is out and cannot be remembered: exit code 8, the ping all the same."""

    def full(*_: object, **__: object) -> None:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(Ledger, "change_flags", full)
    document = desk.follow(ORDERED)
    assert document["exit_codes"] == [8]
    assert "is told again: the disk is full" in capfd.readouterr().err
    assert receiver.pings == ["/start", "/8"]


# -- commands, as processes --------------------


def test_quiet_day_pings_start_and_success_without_a_browser_or_a_word(
    user: User, receiver: Receiver, portal: MockPortal
) -> None:
    """ENV-3, NOT-2: nothing due by a fresh look: the dead-man service hears of it, nobody else does."""
    user.write(HEAD.format(url=portal.url) + NOTIFY + STUDIO)
    now = datetime.fromisoformat(user.now())
    box = Mailbox(
        "tranquilla@pec.it",
        now.date() + timedelta(days=200),
        MailboxState.ACTIVE,
        MailboxType.STANDARD,
        PortalAutorenewal.OFF,
        renewable=True,
    )
    user.state.mkdir(parents=True)
    with Ledger.open(user.state / "ledger.sqlite3") as ledger:
        survey = Survey("studio", now.astimezone(UTC), (box,), (), orders_visible=True, offers_flags=False)
        ledger.record_survey(portal.url, survey, mode="live", complete=True)
    done = user.run("renew", "--quiet", **secrets(receiver))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (receiver.pings, receiver.messages) == (["/start", ""], [])
    assert portal.truth.hits == []


def test_configuration_that_allows_no_orders_is_told_once_and_pinged_each_time(
    user: User, receiver: Receiver, portal: MockPortal
) -> None:
    """NOT-1, NOT-2: readable, and not fit: an alarm with what is missing, then silence; the pings go on failing."""
    text = HEAD.format(url=portal.url) + NOTIFY + STUDIO
    user.write(text.replace("max_per_run", "# max_per_run"))
    user.state.mkdir(parents=True)
    Ledger.open(user.state / "ledger.sqlite3").close()
    for _ in range(2):
        assert user.run("renew", **secrets(receiver)).code == 78
    assert receiver.pings == ["/78", "/78"]
    ((kind, _, text),) = receiver.messages
    assert kind == "failure"
    assert "limits.max_per_run" in text


def test_ledger_that_does_not_open_is_told(user: User, receiver: Receiver, portal: MockPortal) -> None:
    """NOT-1, DUP-8: no ledger, no work: every channel and the dead-man service hear of it."""
    user.write(HEAD.format(url=portal.url) + NOTIFY + STUDIO)
    user.state.mkdir(parents=True)
    (user.state / "ledger.sqlite3").write_bytes(b"no database at all, only some text that is long enough" * 99)
    assert user.run("reconcile", **secrets(receiver)).code == 78
    assert [title for _, title, _ in receiver.messages] == ["Allarme PEC: esecuzione fallita"]
    assert receiver.pings == ["/78"]


def test_second_run_beside_another_tells_and_pings_nothing(user: User, receiver: Receiver, portal: MockPortal) -> None:
    """LCK-1, NOT-1: the first one tells for itself."""
    user.write(HEAD.format(url=portal.url) + NOTIFY + STUDIO)
    user.state.mkdir(parents=True)
    with FileLock(user.state / "run.lock"):
        done = user.run("renew", **secrets(receiver))
    assert done.code == 75
    assert receiver.requests == []


def test_renewal_is_told_with_its_order_and_no_secret_is_said(
    user: User, receiver: Receiver, portal: MockPortal
) -> None:
    """NOT-1, NOT-3, PAY-4, SEC-1: a whole run against the mock: what it ordered is in the digest, names masked."""
    user.write(HEAD.format(url=portal.url) + NOTIFY + STUDIO)
    done = user.run("renew", "--json", "--verbose", "--max-items", "1", **secrets(receiver))
    assert receiver.pings == ["/start", f"/{done.code}" if done.code else ""]
    orders = {item["order_number"] for item in done.json["items"] if item["reason"] == "ordered"}
    assert orders, (done.err, done.items())
    told = "\n".join(text for _, _, text in receiver.messages)
    assert all(f"Ordine {number}" in told for number in orders)
    assert not [item["mailbox"] for item in done.json["items"] if item["mailbox"] and item["mailbox"] in told]
    assert not [mark for mark in (TOKEN, *MARKS.values()) if mark in told + done.out + done.err]


# -- notify test --------------------


def test_notify_test_sends_one_message_of_each_severity_to_each_channel(
    user: User, receiver: Receiver, portal: MockPortal
) -> None:
    """NOT-1: every channel, whatever it is told otherwise, and the dead-man service."""
    alarms = '\n[[notify.channels]]\nurl = { env = "PEC_NOTIFY_URL" }\nseverity = "alarm"\n'
    user.write(HEAD.format(url=portal.url) + NOTIFY + alarms + STUDIO)
    done = user.run("notify", "test", **secrets(receiver))
    assert done.code == 0
    assert sorted(kind for kind, _, _ in receiver.messages) == sorted(["info", "warning", "failure"] * 2)
    assert receiver.pings == ["/start", ""]
    assert "notify.channels.0 (JSON), alarm: delivered\n" in done.out
    assert "notify.ping_url, success: delivered\n" in done.out
    assert TOKEN not in done.out + done.err


def test_notify_test_says_why_not_and_ends_with_8(user: User, receiver: Receiver, portal: MockPortal) -> None:
    """NOT-2, SEC-1: per channel, by its place; the address is not repeated."""
    receiver.status = 403
    user.write(HEAD.format(url=portal.url) + NOTIFY + STUDIO)
    done = user.run("notify", "test", "--json", **secrets(receiver))
    assert (done.code, done.json["exit_code"]) == (8, 8)
    assert done.json["schema"] == "pec-autorenew/notify-test/1"
    first, *_, last = done.json["deliveries"]
    assert first == {
        "place": "notify.urls.0",
        "service": "JSON",
        "what": "info",
        "delivered": False,
        "problem": "it answered 403",
    }
    assert last["place"] == "notify.ping_url"
    assert TOKEN not in done.out + done.err


def test_notify_test_without_a_channel_is_not_fit(user: User, portal: MockPortal) -> None:
    """NOT-1: nobody would hear of anything: 78, and what to write."""
    user.write(HEAD.format(url=portal.url) + STUDIO)
    done = user.run("notify", "test")
    assert done.code == 78
    assert "[notify] has neither urls, channels nor a ping_url" in done.err
