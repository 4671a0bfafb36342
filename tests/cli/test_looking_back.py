"""`history`, `show` and `config`: what is remembered, and what is in force."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from pec_autorenew.cli.inventory import age
from pec_autorenew.config import example_text
from pec_autorenew.ledger import Budget, Ledger, Submission, SubmittedMailbox
from pec_autorenew.model import PaymentMethod
from pec_autorenew.paying import latest_payment_day
from pec_autorenew.states import RenewalState
from tests.cli.counter import Counter, counter_at
from tests.cli.users import BIANCA, HEAD, STUDIO, both

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import Start, User

BOX = "bianca.sorbo@pec.it"


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Give the command line in front of the portal's double, with one due mailbox."""
    counter = counter_at(tmp_path, monkeypatch)
    counter.truth.add(BOX, 10)
    return counter


def test_show_tells_items_renewals_and_events_of_a_run(counter: Counter) -> None:
    """Issue 2, item 9: a run is shown with its items, the renewals it touched as they stand now, and its events."""
    run_id = counter.run("renew", "--json").json["run_id"]
    (placed,) = counter.truth.orders
    counter.truth.pay(placed)
    order = placed.number
    counter.truth.clock.advance(timedelta(minutes=1))
    assert counter.run("reconcile").code == 0

    shown = counter.run("show", run_id, "--json").json
    assert shown["items"][0]["outcome"] == "awaiting-payment"
    assert [(one["mailbox"], one["state"], one["order_number"]) for one in shown["renewals"]] == [
        (BOX, "renewed", order)
    ]
    steps = [(event["from"], event["to"]) for event in shown["events"] if event["to"]]
    assert steps == [(None, "planned"), ("planned", "submitting"), ("submitting", "awaiting-payment")]
    assert {event["renewal"] for event in shown["events"] if event["to"]} == {f"{BOX}/2026-12-11"}

    text = counter.run("show", run_id[-4:]).out
    assert text.startswith("renew (live), 01/12/2026 09:00")
    assert f"{BOX}/2026-12-11: renewed until 11/12/2027, order {order}, 30,50 €" in text
    assert "submitting → awaiting-payment" in text
    assert "reconcile (live)" in counter.run("show").out, "without a name, the last run"


def test_show_of_an_unknown_run_says_where_the_names_are(user: User, portal: MockPortal) -> None:
    """INTERFACE: an unknown name is a usage error."""
    user.write(both(portal))
    assert "There is no run yet" in user.run("show").err
    done = user.run("show", "2020", "--json")
    assert done.code == 2
    assert "There is no run '2020'; `pec-autorenew history` lists them." in done.err
    assert done.json["exit_codes"] == [2]


def test_history_holds_runs_and_renewals_in_three_forms(counter: Counter) -> None:
    """INTERFACE: as text with Italian dates and amounts, as JSON, and as CSV for the accountant."""
    assert "No run yet" in counter.run("history").out
    run_id = counter.run("renew", "--json").json["run_id"]
    number = counter.truth.orders[0].number
    document = counter.run("history", "--json").json
    assert [run["run_id"] for run in document["runs"]] == [run_id]
    assert document["renewals"][0]["order_number"] == number
    (row,) = csv.DictReader(io.StringIO(counter.run("history", "--csv").out))
    assert (row["id"], row["state"], row["gross"]) == (f"{BOX}/2026-12-11", "awaiting-payment", "30.50")
    text = counter.run("history").out
    assert f"01/12/2026 09:00  renew (live)  exit 0      {run_id}" in text
    assert f"{BOX}/2026-12-11: awaiting-payment, order {number}, 30,50 €" in text


def test_reports_of_a_run_agree_with_the_portal(user: User, start: Start) -> None:
    """Issue 6, item 6: page, calendar and the accountant's table say what the portal's truth is."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA.replace("[[accounts]]", '[[accounts]]\nclient = "=sorbo"'))
    run_id = user.run("renew", "--json").json["run_id"]
    ((number, order),) = portal.truth.orders.items()

    (row,) = csv.DictReader(io.StringIO(user.run("history", "--csv", "--by", "order", "--client", "=sorbo").out))
    assert (row["order_number"], row["mailboxes"], row["client"]) == (number, BOX, "'=sorbo")
    assert Decimal(row["net"]) + Decimal(row["vat"]) == Decimal(row["gross"])
    assert [row[name].replace(".", "") for name in ("net", "vat", "gross")] == [
        str(sum(getattr(line, f"{name}_cents") for line in order.lines)) for name in ("net", "vat", "gross")
    ]
    assert list(csv.DictReader(io.StringIO(user.run("history", "--csv", "--since", "2026-12-02").out))) == []

    calendar = user.state / "calendar.ics"
    printed = user.run("list", "--cached", "--ics").out
    assert calendar.read_text("utf-8") == printed
    events = {
        str(event["summary"]).split(",")[0]: event.decoded("dtstart") for event in Calendar.from_ical(printed).events
    }
    expiry = portal.truth.mailboxes[BOX].expiry
    assert events == {
        f"Scade la PEC {BOX}": expiry,
        f"Ultimo giorno per pagare: ordine {number}": latest_payment_day(expiry, PaymentMethod.BONIFICO),
    }

    page = user.state / "runs" / run_id / "report.html"
    assert page.stat().st_mode & 0o777 == calendar.stat().st_mode & 0o777 == 0o600
    before = page.read_text("utf-8")
    assert number in before
    page.unlink()
    opened = user.run("show", run_id[-4:], "--open")
    assert (opened.code, opened.out) == (0, f"{page}\n")
    assert "no display" in opened.err
    assert page.read_text("utf-8") == before
    assert user.run("show", "--html", str(user.home / "copy.html")).code == 0
    assert (user.home / "copy.html").read_text("utf-8") == before


def test_forms_that_exclude_each_other_are_refused(user: User, portal: MockPortal) -> None:
    """INTERFACE: one document on stdout; a day that is none, and a name that nobody knows, are usage errors."""
    user.write(both(portal))
    for arguments, said in {
        ("list", "--cached", "--csv", "--ics"): "--csv and --ics are forms of one thing",
        ("history", "--json", "--csv"): "--json and --csv are forms of one thing",
        ("history", "--by", "order"): "--by order is for --csv",
        ("history", "--since", "2026-02-30"): "is no day: write it as 2026-12-31",
        ("history", "--client", "nessuno"): "There is no client 'nessuno'; known: ginepro",
    }.items():
        done = user.run(*arguments)
        assert done.code == 2
        assert said in " ".join(done.err.split())


def test_close_settles_only_what_is_unknown(user: User, start: Start) -> None:
    """DUP-4: a person closes a renewal whose outcome stays unknown, with a reason; anything else is refused."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    refused = user.run("reconcile", "--close", f"{BOX}/2026-12-11", "--reason", "looked", "--json")
    assert (refused.code, refused.json["exit_codes"]) == (2, [2])
    assert "only a renewal whose outcome is unknown can be closed, and there is none" in refused.err
    assert "give both or neither" in user.run("reconcile", "--close", f"{BOX}/2026-12-11").err

    with Ledger.open(user.state / "ledger.sqlite3") as ledger:
        leave_unknown(ledger, portal.url, portal.truth.clock.now())
    done = user.run("reconcile", "--close", f"{BOX}/2026-12-11", "--reason", "no such order", "--json")
    assert done.code == 0
    (item,) = done.json["items"]
    assert (item["outcome"], item["reason"]) == ("failed", "closed-by-person")
    assert "no such order" in item["message"]
    assert portal.truth.hits == []


def leave_unknown(ledger: Ledger, portal: str, now: datetime) -> None:
    """Leave behind what a run leaves whose answer was lost."""
    box = SubmittedMailbox(BOX, (now + timedelta(days=10)).date(), gross=None)
    price = Decimal("6.10")
    ledger.claim(portal, "bianca", "test", now, timedelta(minutes=5))
    ledger.start_run("test", "renew", "live", portal, now)
    (renewal,) = ledger.submit(
        portal,
        Submission("bianca", (box,), 1, PaymentMethod.BONIFICO, price, (), "click"),
        Budget(price, price),
        now,
        "test",
        holder="test",
    )
    ledger.settle(renewal.id, RenewalState.UNKNOWN, now, reason="unknown")
    ledger.release(portal, "bianca", "test")


def test_config_init_writes_the_example_once_and_for_its_owner_only(user: User) -> None:
    """INTERFACE: the commented example lands where it is looked for; what is there already stays."""
    done = user.run("config", "init")
    assert done.code == 0
    assert user.config.read_text("utf-8") == example_text()
    assert user.config.stat().st_mode & 0o777 == 0o600
    assert "pec-autorenew config validate" in done.out
    user.config.write_text("# mine\n", encoding="utf-8")
    again = user.run("config", "init")
    assert again.code == 78
    assert "exists already and stays as it is" in again.err
    assert user.config.read_text("utf-8") == "# mine\n"


def test_config_validate_names_every_problem(user: User, portal: MockPortal) -> None:
    """CFG-1: all problems at once, each with its place."""
    user.write(both(portal).replace("max_per_run", "max_per_rum").replace("username", "usrname"))
    done = user.run("config", "validate")
    assert done.code == 78
    assert all(place in done.err for place in ("limits.max_per_rum", "accounts.0.usrname", "accounts.1.usrname"))
    user.write(both(portal))
    assert "The configuration is right: 2 account(s)" in user.run("config", "validate").out


def test_config_validate_with_probe_looks_at_the_door_and_signs_nobody_in(user: User, portal: MockPortal) -> None:
    """INTERFACE, HUM-3: `--probe` finds the secrets and the portal's sign-in, and spends no attempt."""
    user.write(both(portal))
    done = user.run("config", "validate", "--probe")
    assert done.code == 0
    assert f"«Accedi» stands at {portal.url.rstrip('/')}; nobody was signed in." in done.out
    assert "ok      secrets: Found: 2 by env." in done.out
    user.write(both(portal).replace("PEC_AZIENDA", "PEC_NESSUNO"))
    missing = user.run("config", "validate", "--probe", "-q", PEC_AUTORENEW_PORTAL__BASE_URL="http://127.0.0.1:9/")
    assert missing.code == 78
    assert "defect  secrets, account azienda: The environment variable PEC_NESSUNO is not set." in missing.out
    assert "warning browser, portal: http://127.0.0.1:9/ does not answer" in missing.out
    assert len(portal.truth.sign_ins) == 0


def test_config_show_names_origins_and_no_secret(user: User, portal: MockPortal) -> None:
    """CFG-1, SEC-1: each value with its origin; of a secret only its place."""
    user.write(both(portal))
    out = user.run("config", "show", PEC_AUTORENEW_RENEWAL__YEARS="3").out
    assert "renewal.years = 3  # environment" in out
    assert "limits.max_per_run = 200.00  # file" in out
    assert "renewal.window_days = 30  # default" in out
    assert "accounts.0.password = env: PEC_STUDIO  # file" in out


@pytest.mark.parametrize(
    "arguments",
    [("-c", "FILE", "config", "validate"), ("config", "-c", "FILE", "validate"), ("config", "validate", "-c", "FILE")],
)
def test_config_option_stands_before_or_after_the_command(
    user: User, portal: MockPortal, arguments: tuple[str, ...]
) -> None:
    """INTERFACE: the options for all commands may stand anywhere."""
    elsewhere = user.home / "elsewhere.toml"
    elsewhere.write_text(HEAD.format(url=portal.url) + STUDIO, encoding="utf-8")
    done = user.run(*(str(elsewhere) if one == "FILE" else one for one in arguments))
    assert done.code == 0
    assert "1 account(s)" in done.out


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-50), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=61), "1 h 1 min ago"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(days=3, hours=2, minutes=59), "3 d 2 h ago"),
    ],
)
def test_age_is_said_in_words(passed: timedelta, said: str) -> None:
    """SIL-6: the age of what is shown, never negative."""
    assert age(passed) == said
