"""The demo, and the mock portal as a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.cli.users import User


@pytest.mark.one_layout
def test_demo_ends_with_what_was_ordered_and_where_it_is_written(user: User, layout: Layout) -> None:
    """Issue 2, «Done when»: due ones are ordered, others not due, one renews itself; the paths of ledger and report."""
    folder = user.home / "temporary"
    folder.mkdir()
    done = user.run("demo", "--layout", layout, TMPDIR=str(folder))
    assert done.code == 0
    for address, said in {
        "studio.ginepro@pec.it (expires 10/12/2026)": "awaiting-payment, ordered",
        "officine.prugnolo@pec.it (expires 19/12/2026)": "awaiting-payment, ordered",
        "archivio.ginepro@pec.it (expires 18/08/2027)": "skipped, not-due",
        "fatture.ginepro@gigapec.it (expires 16/12/2026)": "skipped, portal-autorenewal-on",
    }.items():
        assert f"{address}: {said}" in done.out
    *_, ledger, report, page, config, verdict = done.out.splitlines()
    places = [Path(line.partition(":")[2].strip()) for line in (ledger, report, page, config)]
    assert [line.split(":")[0] for line in (ledger, report, page, config)] == ["Ledger", "Report", "Page", "Config"]
    assert all(path.is_file() and folder in path.parents for path in places)
    assert json.loads(places[1].read_text("utf-8"))["totals"]["ordered"] == 4
    assert "<h1>4 ordered, 48,80 €</h1>" in places[2].read_text("utf-8")
    assert verdict == "The portal holds orders for 4 mailboxes; the report and the portal's truth agree."
    assert list(user.home.iterdir()) == [folder], "a demo leaves the user's own configuration and ledger alone"


def test_demo_ignores_the_user_s_own_settings(user: User) -> None:
    """ENV-2: whatever the environment says about the real portal, the demo stays on its own."""
    done = user.run("demo", "-q", PEC_AUTORENEW_LIMITS__MAX_PER_RUN="0.00", PEC_AUTORENEW_CONFIG="/nowhere")
    assert done.code == 0
    assert done.out.endswith("agree.\n")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_mock_portal_serves_as_a_process_and_ends_when_told(user: User, layout: Layout, ending: signal.Signals) -> None:
    """Issue 2, item 9: its addresses stand on stdout as soon as it answers, and SIGTERM and Ctrl-C end it with 0."""
    command = user.command("mock-portal", "serve", "--layout", layout, "--scenario", "single", "--rename-seed", "7")
    command += ["--clock", "2027-01-02T03:04:05+01:00", "--chaos", "3"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=user.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        portal, control = (process.stdout.readline().split() for _ in range(2))
        assert (portal[0], portal[2:]) == ("portal", [f"({layout},", "single)"])
        assert control[0] == "control"
        with urlopen(portal[1], timeout=10) as page:  # noqa: S310 - a loopback address
            assert page.status == 200
            assert b"seed: 3" in page.read()
        with urlopen(control[1], timeout=10) as answer:  # noqa: S310 - likewise
            truth = json.load(answer)
        assert (truth["layout"], len(truth["mailboxes"])) == (layout, 1)
        assert truth["clock"].startswith("2027-01-02T03:04")
        process.send_signal(ending)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        (
            "--scenario",
            "nessuno",
            "no scenario 'nessuno'; there are empty, demo, single, many, crowd, nothing-due, reseller.",
        ),
        ("--clock", "2026-12-01T08:00:00", "is no instant: write it as 2026-12-01T08:00:00+01:00."),
        ("--clock", "yesterday", "is no instant: write it as 2026-12-01T08:00:00+01:00."),
        ("--layout", "g9", "'g9' is not one of 'g2', 'g3', 'g4'"),
    ],
)
def test_mock_portal_refuses_what_it_does_not_know(user: User, option: str, value: str, complaint: str) -> None:
    """INTERFACE: a usage error names what would be right."""
    done = user.run("mock-portal", "serve", option, value)
    assert done.code == 2
    assert complaint in " ".join(done.err.split())


def test_mock_portal_says_that_its_port_is_taken(user: User) -> None:
    """Issue 2, item 11: a message with what to do, and no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = user.run("mock-portal", "serve", "--port", str(taken.getsockname()[1]))
    assert done.code == 78
    assert (
        done.err == "pec-autorenew: no port for the portal: Address already in use; leave --port out for a free one.\n"
    )
