"""How the command line talks: help without weight, quiet, verbose, JSON lines, a table on a terminal."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from pec_autorenew.cli import cli
from pec_autorenew.cli.running import Look
from pec_autorenew.engine.waiting import wait_a_while
from pec_autorenew.errors import ConfigError
from pec_autorenew.report.text import item_line, print_list, print_run, worth_saying
from tests.cli.users import BIANCA, HEAD, STUDIO, both

if TYPE_CHECKING:
    from pathlib import Path

    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import Start, User

HEAVY = ("playwright", "sqlalchemy", "alembic", "pydantic", "rich", "jinja2", "starlette", "uvicorn", "holidays")

ITEM: dict[str, Any] = {
    "id": "una.casella.molto.lunga@pec-di-prova.example/2026-12-10",
    "account": "studio",
    "mailbox": "una.casella.molto.lunga@pec.it",
    "outcome": "stopped",
    "reason": "identifier-missing",
    "message": "the form asks for the e-invoice identifier; add [accounts.billing]",
    "years": 1,
    "payment_method": "bonifico",
    "gross": "1234.50",
    "order_gross": "1234.50",
    "order_number": "41000592",
    "expiry_before": "2026-12-10",
    "expiry_after": None,
    "portal_autorenewal": "off",
    "evidence": ["/home/user/evidence/picture.png"],
}
RUN: dict[str, Any] = {
    "run_id": "2026-12-01T08-00-00Z-e8ce",
    "command": "renew",
    "mode": "live",
    "exit_code": 7,
    "exit_codes": [7, 4],
    "totals": {"ordered": 0, "gross": "0.00", "currency": "EUR"},
    "items": [ITEM, ITEM | {"mailbox": "zeta@pec.it", "expiry_before": "2026-11-01", "outcome": "failed"}],
}
LINE: dict[str, Any] = {
    "account": "studio",
    "mailbox": "una.casella.molto.lunga@pec.it",
    "type": "STANDARD",
    "state": "attiva",
    "expiry": "2026-12-10",
    "days_left": 9,
    "portal_autorenewal": "off",
    "open_order": "41000592",
    "ledger_state": "awaiting-payment",
    "client": "Rossi",
}


@pytest.mark.parametrize("arguments", [("--help",), ("renew", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(user: User, arguments: tuple[str, ...]) -> None:
    """Issue 2, «Speed»: help loads neither Playwright nor SQLAlchemy, nor anything else that takes its time."""
    program = (
        "import sys\nfrom pec_autorenew.cli import cli\n"
        f"cli({list(arguments)!r}, prog_name='pec-autorenew', standalone_mode=False)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], env=user.environment, capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.splitlines()[-1].split()) & set(HEAVY)


def test_help_names_every_command(user: User) -> None:
    """INTERFACE: the commands that there are."""
    out = user.run("--help").out
    for command in ("bundle", "config", "demo", "history", "list", "mock-portal", "plan", "reconcile", "renew", "show"):
        assert f"  {command} " in out


@pytest.mark.parametrize("option", ["--yes", "--force", "--password", "--no-sandbox"])
def test_dangerous_options_do_not_exist(user: User, portal: MockPortal, option: str) -> None:
    """DRY-2: there is one way to spend, and no way around it."""
    user.write(both(portal))
    done = user.run("renew", option, "x")
    assert done.code == 2
    assert f"No such option '{option}'" in done.err
    assert portal.truth.hits == []


@pytest.mark.parametrize("amount", ["12,345", "-5", "1e3", "€ 5", "cinque"])
def test_amount_on_the_command_line_is_read_strictly(user: User, portal: MockPortal, amount: str) -> None:
    """PRC-2: what is not surely an amount is a usage error."""
    user.write(both(portal))
    done = user.run("renew", f"--max-total={amount}")
    assert done.code == 2
    assert "is not an amount in euro" in done.err
    assert portal.truth.hits == []


def test_unpaid_order_is_said_again_on_the_ladder_and_not_in_between(user: User, start: Start) -> None:
    """PAY-4, PAY-5, ENV-3: quiet runs by a clock that moves; what the portal showed is in `show`, nothing built in."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    first = user.run("renew", "-q").out
    assert "Pay it by 07/12/2026: a bonifico is registered within 3 working days." in first
    assert "The causale holds the order number and nothing else." in first
    (number,) = portal.truth.orders
    shown = user.run("show", "--json").json
    (instructions,) = {one["payment_instructions"] for one in (*shown["items"], *shown["renewals"])}
    assert number in instructions
    assert "Conferma ordine" in instructions
    assert "IBAN" not in instructions + first, "the mock portal shows none"
    mail = portal.truth.accounts["200001@aruba.it"].contact_email
    assert f"goes to {mail[0]}…@{mail.partition('@')[2]}." in first

    portal.truth.clock.advance(timedelta(days=3).total_seconds())
    (item,) = user.run("renew", "--json", "--dry-run").json["items"]
    assert (item["reason"], item["reminder"], item["pay_by"]) == ("waiting", True, "2026-12-07")
    assert f"awaiting-payment, waiting, order {number}" in user.run("renew", "-q").out
    assert user.run("renew", "-q").out == ""


@pytest.mark.parametrize("width", [80, 140])
def test_table_fits_the_terminal_and_keeps_addresses_whole(width: int) -> None:
    """Issue 2, item 9: at 80 and at 140 columns addresses and amounts stand on one line; brackets are no markup."""
    for text in (drawn(print_run, RUN, width=width), drawn(print_list, [LINE], width=width)):
        assert max(map(len, text.splitlines())) <= width
        assert "una.casella.molto.lunga@pec.it" in text
        assert "10/12/2026" in text
        assert "41000592" in text or width == 80
    text = drawn(print_run, RUN, width=width)
    assert "1.234,50 €" in text
    assert "[accounts.billing]" in text
    assert text.index("zeta@pec.it") < text.index("una.casella"), "the earliest expiry first (BLK-1)"
    assert "Exit code 7: a mailbox is below its critical days and not renewed; 4: stopped by policy." in " ".join(
        text.split()
    )
    assert "Evidence: /home/user/evidence/picture.png" in text


def drawn(show: Any, what: object, *, width: int) -> str:  # noqa: ANN401 - one of the printing functions
    """Return what a terminal of this width would show, without its colours."""
    console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None, legacy_windows=False)
    show(console, what)
    stream = console.file
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def test_lines_say_the_same_where_there_is_no_terminal() -> None:
    """Issue 2, item 9: plain lines elsewhere, one for each mailbox, with what to do."""
    assert item_line(ITEM) == (
        "una.casella.molto.lunga@pec.it (expires 10/12/2026): stopped, identifier-missing, order 41000592, 1.234,50 €. "
        "the form asks for the e-invoice identifier; add [accounts.billing]."
    )
    unknown = ITEM | {"mailbox": None, "expiry_before": None, "gross": None, "order_number": None}
    assert item_line(unknown).startswith("account studio: stopped, identifier-missing. ")
    assert worth_saying(ITEM)
    assert not worth_saying(ITEM | {"outcome": "skipped"})


def test_terminal_shows_a_table_and_the_plan_before_it_starts(user: User, start: Start) -> None:
    """BLK-1, issue 2, item 9: on a terminal the orders are announced, most urgent first, and a table ends the run."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    code, screen = at_terminal(user, "renew", "--dry-run")
    assert code == 0
    assert "To order: bianca.sorbo@pec.it (11/12/2026)" in screen
    assert "─────" in screen
    assert screen.index("To order:") < screen.index("─────")
    assert "Dry run: 1 would be ordered, 6,10 €; nothing was." in screen


def test_output_survives_a_terminal_without_unicode(user: User, start: Start) -> None:
    """SIL-4: a character that cannot be written costs a question mark, never the report or the exit code."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    done = user.run("renew", PYTHONIOENCODING="ascii", LANG="C")
    assert done.code == 0
    assert "1 ordered, 6,10 ?." in done.out


def at_terminal(user: User, *arguments: str) -> tuple[int, str]:
    """Run the command on a terminal of its own; return its exit code and all that was drawn."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own program
        user.command(*arguments),
        env=user.environment | {"TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=user.home,
    ) as process:
        os.close(theirs)
        drawn_bytes = b""
        while chunk := read(ours):
            drawn_bytes += chunk
        os.close(ours)
    user.said.append(drawn_bytes.decode())
    return process.returncode, drawn_bytes.decode()


def read(terminal: int) -> bytes:
    """Return what was drawn meanwhile; nothing at the end, which Linux reports as an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("address", "arguments", "jitter"),
    [
        ("https://areaclienti.pec.it/", (), True),
        ("https://areaclienti.pec.it/", ("--no-jitter",), False),
        ("https://areaclienti.pec.it/", ("--attended",), False),
        ("http://127.0.0.1:9/", (), False),
    ],
)
def test_jitter_is_for_unattended_runs_on_a_live_portal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, arguments: tuple[str, ...], *, jitter: bool
) -> None:
    """INTERFACE: a random delay without a terminal; never attended, never on loopback."""
    heard: list[bool] = []

    def run(_look: Look, _command: object, **task: Any) -> None:  # noqa: ANN401 - as the real one
        heard.append(task["jitter"])
        raise ConfigError("far enough")

    monkeypatch.setattr(Look, "run", run)
    path = tmp_path / "config.toml"
    path.write_text(HEAD.format(url=address) + f'\n[ledger]\nstate_dir = "{tmp_path}"\n' + STUDIO, encoding="utf-8")
    result = CliRunner().invoke(cli, ["renew", "-c", str(path), *arguments])
    assert (result.exit_code, heard) == (78, [jitter])


def test_jitter_is_shorter_than_the_configured_time() -> None:
    """INTERFACE, `renewal.jitter`: a random delay, up to it."""
    waited: list[float] = []
    for _ in range(50):
        wait_a_while(timedelta(minutes=30), waited.append)
    assert all(0 <= seconds <= 1800 for seconds in waited)
    assert len(set(waited)) > 1
