"""Messages and pings on their way, to real servers on loopback: taken, refused, or never answered (NOT-2)."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.config import Severity
from pec_autorenew.notify.channels import Channels, Delivery, Report, problem_of
from pec_autorenew.notify.digest import Notice
from pec_autorenew.notify.matters import Matter
from pec_autorenew.notify.pings import START, ping
from tests.notify.receivers import TOKEN, Receiver, closed_port, receiving

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.config import Config
    from tests.notify.receivers import MailServer

    Configured = Callable[..., Config]

ALARM = Matter(
    "perché@pec.it",
    Severity.ALARM,
    "unknown",
    "unknown",
    account="studio",
    mailboxes=("perché@pec.it",),
    expiry=date(2026, 12, 10),
    message="the answer was lost",
)
GOOD = Matter("b@pec.it", Severity.INFO, "renewed", "renewed", mailboxes=("b@pec.it",), expiry_after=date(2027, 12, 10))
NOTICE = Notice((ALARM, GOOD), date(2026, 12, 1), "run-1", "https://areaclienti.pec.it/")
IN_TIME = 3.0


# -- mail --------------------


def test_mail_arrives_with_subject_and_text_in_utf_8(configured: Configured, exim: MailServer) -> None:
    """NOT-1: a real mail server takes the digest after signing in; accents, guillemets and dashes survive."""
    delivery = Channels(configured(exim.channel(), reveal_mailboxes=True)).send(NOTICE)
    assert delivery.problems == ()
    (mail,) = exim.delivered()
    assert mail["Subject"] == "Allarme PEC: 1 caso da verificare subito, 1 casella rinnovata"
    assert (mail["From"], mail["To"]) == ("pec@prova.example", "studio@prova.example")
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert "• perché@pec.it (studio), scade il 10/12/2026, fra 9 giorni" in text
    assert "«Ordini associati al servizio»" in text
    assert "• b@pec.it: nuova scadenza 10/12/2027" in text


def test_mail_server_that_refuses_the_password_is_said_without_it(
    configured: Configured, exim: MailServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """NOT-2, SEC-1: what the server answered, and nothing of what it was told."""
    (problem,) = Channels(configured(exim.channel("S3gret0-Errata-63"))).send(NOTICE).problems
    assert problem == "notify.urls.0 did not take a message: it answered 535"
    assert exim.delivered() == []
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


# -- HTTP --------------------


def test_each_channel_gets_what_is_at_least_its_severity(configured: Configured, receiver: Receiver) -> None:
    """NOT-1, NOT-3: who is on call reads the alarm alone, with the names; the other reads all, masked."""
    on_call = {"url": {"env": "PEC_NOTIFY_0"}, "severity": "alarm", "reveal_mailboxes": True}
    config = configured(receiver.channel, channels=[on_call])
    assert Channels(config).send(NOTICE).problems == ()
    told = {title: text for _, title, text in receiver.messages}
    everything = told.pop("Allarme PEC: 1 caso da verificare subito, 1 casella rinnovata")
    alone = told.pop("Allarme PEC: 1 caso da verificare subito (perché@pec.it)")
    assert told == {}
    assert "p…é@pec.it" in everything
    assert "perché@pec.it" not in everything
    assert "perché@pec.it" in alone
    assert "b@pec.it" not in alone
    assert {kind for kind, _, _ in receiver.messages} == {"failure"}
    receiver.requests.clear()
    good = Notice((GOOD,), date(2026, 12, 1))
    assert Channels(config).send(good).reached(Severity.INFO)
    assert len(receiver.messages) == 1


def test_server_that_hangs_is_left_after_the_time_out_and_holds_nobody(
    configured: Configured, receiver: Receiver
) -> None:
    """NOT-2: the other channels get their message meanwhile; the run goes on when the time is over."""
    receiver.hang = True
    with receiving() as other:
        config = configured(receiver.channel, other.channel, timeout="1 s")
        Channels(config).try_out()  # Apprise is loaded: from here on only the server takes time
        start = time.monotonic()
        delivery = Channels(config).send(NOTICE)
        assert time.monotonic() - start < IN_TIME
        assert len(other.messages) == 4
    assert receiver.called.is_set()
    assert delivery.problems == ("notify.urls.0 did not take a message: no answer within 1 s",)
    assert delivery.reached(Severity.ALARM)


def test_process_ends_though_a_server_hangs(receiver: Receiver) -> None:
    """NOT-2, SEC-1: what was abandoned ends with the process; Apprise's own log goes nowhere, whoever logs."""
    receiver.hang = True
    script = (
        "import logging\n"
        "from pec_autorenew.config.settings import Config, Layer\n"
        "from pec_autorenew.notify.channels import Channels\n"
        "logging.basicConfig()\n"
        "notify = {'urls': [{'env': 'PEC_NOTIFY_0'}, {'env': 'PEC_NOTIFY_1'}], 'timeout': '1 s'}\n"
        "print([one.problem for one in Channels(Config.from_layers((Layer('file', {'notify': notify}),))).try_out()])\n"
    )
    done = subprocess.run(  # noqa: S603 - this test's own script
        [sys.executable, "-c", script],
        env={
            "PEC_NOTIFY_0": f"{receiver.channel}?rto=300&cto=300",
            "PEC_NOTIFY_1": f"niente://{TOKEN}",
            "PATH": "/usr/bin",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = ["no answer within 1 s", "Apprise does not understand its address"]
    assert (done.stdout.strip(), done.stderr) == (str(said * 3), "")
    assert done.returncode == 0


@pytest.mark.parametrize(("status", "said"), [(500, "it answered 500"), (404, "it answered 404")])
def test_server_that_answers_an_error_is_said_with_its_status(
    configured: Configured, receiver: Receiver, capfd: pytest.CaptureFixture[str], status: int, said: str
) -> None:
    """NOT-2, SEC-1: status, place in the configuration, and nothing of the address; nothing on the terminal."""
    receiver.status = status
    delivery = Channels(configured(receiver.channel)).send(NOTICE)
    assert delivery.problems == (f"notify.urls.0 did not take a message: {said}",)
    assert not delivery.reached(Severity.ALARM)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"json://127.0.0.1:{{port}}/{TOKEN}", "no connection"),
        (f"mailto://pec:{TOKEN}@127.0.0.1:{{port}}/?from=a@prova.example&to=b@prova.example", "no connection"),
        (f"niente://{TOKEN}", "Apprise does not understand its address"),
        (TOKEN, "Apprise does not understand its address"),
        (f"tgram://{TOKEN}", "Apprise does not understand its address"),
    ],
    ids=["refused", "mail-refused", "unknown-scheme", "no-address", "incomplete"],
)
def test_address_that_leads_nowhere_is_never_repeated(
    configured: Configured, capfd: pytest.CaptureFixture[str], url: str, said: str
) -> None:
    """SEC-1, NOT-2: an address for messages is a secret, wrong ones too."""
    url = url.format(port=closed_port())
    (report,) = Channels(configured(url)).send(NOTICE).reports
    assert report.problem == said
    assert bool(problem_of(url)) == (said != "no connection")
    assert TOKEN not in problem_of(url)
    assert capfd.readouterr() == ("", "")


def test_reference_that_leads_nowhere_is_one_channel_s_trouble(
    configured: Configured, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NOT-2: the variable is not set: that channel is named by its place, the other one gets its message."""
    config = configured("json://127.0.0.1", receiver.channel)
    monkeypatch.delenv("PEC_NOTIFY_0")
    (problem,) = Channels(config).send(NOTICE).problems
    assert problem == "notify.urls.0 did not take a message: The environment variable PEC_NOTIFY_0 is not set."
    assert len(receiver.messages) == 1


def test_matter_is_reached_by_the_channels_that_are_told_of_it() -> None:
    """NOT-2: a channel for alarms reaches no good news; where no channel is told of something, nobody misses it."""
    works, fails = "", "no connection"
    on_call = Report("notify.channels.0", Severity.ALARM, works)
    office = Report("notify.urls.0", Severity.INFO, fails)
    both = Delivery((on_call, office))
    assert (both.reached(Severity.ALARM), both.reached(Severity.INFO)) == (True, False)
    assert Delivery((on_call,)).reached(Severity.INFO)
    assert Delivery(()).reached(Severity.ALARM)
    assert not Delivery((office,)).reached(Severity.ALARM)


def test_configuration_without_channels_loads_no_apprise() -> None:
    """ENV-3: the library is loaded when there is something to send, and not before."""
    script = (
        "import sys, pec_autorenew.notify.channels, pec_autorenew.notify.pings, pec_autorenew.engine.notifying\n"
        "sys.exit('loaded' if {'apprise', 'requests', 'urllib.request'} & set(sys.modules) else 0)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0  # noqa: S603 - our own script


# -- the dead-man service --------------------


def test_pings_say_start_success_and_exit_code(configured: Configured, receiver: Receiver) -> None:
    """NOT-2: as healthchecks.io has it."""
    notify = configured(ping_url=receiver.ping_url).notify
    assert [ping(notify, event) for event in (START, 0, 7)] == ["", "", ""]
    assert receiver.pings == ["/start", "", "/7"]


def test_ping_keeps_the_query(configured: Configured, receiver: Receiver) -> None:
    """NOT-2: what stands behind the question mark stays there."""
    notify = configured(ping_url=f"{receiver.ping_url}/?rid=1").notify
    assert [ping(notify, event) for event in (START, 0)] == ["", ""]
    assert receiver.pings == ["/start?rid=1", "/?rid=1"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://127.0.0.1:{{port}}/{TOKEN}", "notify.ping_url did not take a ping (start): no connection"),
        (f"ftp://127.0.0.1/{TOKEN}", "notify.ping_url: no web address"),
        (f"http://127.0.0.1:99999/{TOKEN}", "notify.ping_url did not take a ping (start): "),
        (f"http://127.0.0.1/{TOKEN} x", "notify.ping_url did not take a ping (start): "),
        ("", "notify.ping_url: The environment variable PEC_PING_URL is not set."),
    ],
)
def test_ping_that_is_not_taken_is_said_without_its_address(
    configured: Configured, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    """NOT-2, SEC-1: the address of a dead-man service is a secret too."""
    notify = configured(ping_url=url.format(port=closed_port()) or "unset").notify
    if not url:
        monkeypatch.delenv("PEC_PING_URL")
    problem = ping(notify, START)
    assert problem.startswith(said)
    assert TOKEN not in problem


def test_dead_man_service_that_hangs_or_fails_is_left_in_time(configured: Configured, receiver: Receiver) -> None:
    """NOT-2: a ping holds nobody; a status that is no success is a problem."""
    receiver.status = 503
    notify = configured(ping_url=receiver.ping_url, timeout="1 s").notify
    assert ping(notify, START) == "notify.ping_url did not take a ping (start): it answered 503"
    receiver.hang = True
    start = time.monotonic()
    assert "no answer" in ping(notify, START)
    assert time.monotonic() - start < IN_TIME


def test_no_dead_man_service_is_no_problem(configured: Configured) -> None:
    """NOT-2: nothing is pinged where nothing is configured."""
    assert ping(configured().notify, START) == ""
