"""`python -m bench.scaling`: accounts by workers, memory by accounts, visits of many workers, a run with nothing due.

Ratios within one run; `--write` puts tables and plot into docs/scaling.md.
`--only browsers,memory,fleet,idle` chooses; `--accounts N`, `--fleet N`, `--visits N` make it shorter.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from bench.__main__ import BROWSER, CLOCK, LATENCIES, mock_portal, run
from pec_autorenew.ledger import Ledger
from pec_autorenew.mock_portal.scenarios import CUSTOMERS_PASSWORD
from pec_autorenew.model import Mailbox, MailboxState, MailboxType, PortalAutorenewal, Survey
from tests import postgres
from tests.fleet.trial import Trial

if TYPE_CHECKING:
    from bench.__main__ import Portal

DOCUMENT: Final = Path("docs/scaling.md")
#: Around the figures of each part in the document.
BEGIN, END = "<!-- figures: `python -m bench.scaling --only {} --write` -->", "<!-- end of figures -->"
PARTS: Final = ("browsers", "memory", "fleet", "idle")
WORKERS: Final = (1, 2, 4)
#: Accounts of the script, which does one after the other and each alike.
SCRIPTED: Final = 4
#: So many visits are made before they are counted: starting is not what is measured.
WARM: Final = 100
#: Seconds that each of a visit's five steps takes the portal's double.
STEP_S: Final = 0.1

CONFIG: Final = """\
accounts_file = "accounts.csv"
[portal]
base_url = "{url}"
[browser]
workers = {workers}
[ledger]
state_dir = "{state}"
[limits]
max_per_mailbox = "60.00"
max_per_run = "90000.00"
max_per_month = "90000.00"
[mandate]
given_by = "Prova Provetti"
given_on = 2026-11-01
accept = ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"]
"""


def configuration(folder: Path, url: str, accounts: int, workers: int) -> Path:
    """Write the configuration for the reseller's first customers."""
    folder.mkdir(parents=True)
    rows = [f"c{number},{400000 + number}@aruba.it,CUSTOMER" for number in range(1, accounts + 1)]
    (folder / "accounts.csv").write_text("name,username,password.env\n" + "\n".join(rows) + "\n", encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(CONFIG.format(url=url, workers=workers, state=folder / "state"), encoding="utf-8")
    return path


def environment() -> dict[str, str]:
    """Return what the client is given."""
    return {"CUSTOMER": CUSTOMERS_PASSWORD, "PEC_AUTORENEW_CLOCK": CLOCK}


def require_orders(portal: Portal, accounts: int) -> None:
    """End the bench unless each account has exactly one order."""
    ordered = [str(line["address"]) for order in portal.truth()["orders"] for line in order["lines"]]  # type: ignore[attr-defined]
    if len(ordered) != accounts or len(set(ordered)) != accounts:
        raise SystemExit(f"{len(ordered)} orders for {len(set(ordered))} mailboxes of {accounts}")


# -- accounts per minute ---------------------------------------------------------------------------------------------


def browsers(accounts: int) -> list[str]:
    """Return the table of accounts per minute, against the recorded script that is started for each account."""
    lines = ["| latency | script | 1 browser | 2 browsers, the default | 4 browsers | 1 : script | 2 : script |"]
    lines += ["|---|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder, mock_portal("reseller") as portal:
        for latency in LATENCIES:
            arrange(portal, latency)
            began = time.perf_counter()
            for number in range(1, SCRIPTED + 1):
                address = f"cliente{number:03}.biancospino@pec.it"
                user = f"{400000 + number}@aruba.it"
                script = [sys.executable, "-m", "bench.recorded", portal.url, user, CUSTOMERS_PASSWORD]
                run(*script, BROWSER, "--same-pages", address)
            scripted = 60 * SCRIPTED / (time.perf_counter() - began)
            require_orders(portal, SCRIPTED)
            rates = []
            for workers in WORKERS:
                arrange(portal, latency)
                config = configuration(Path(folder) / f"{latency}-{workers}", portal.url, accounts, workers)
                command = [sys.executable, "-m", "pec_autorenew", "renew", "--quiet", "-c", str(config)]
                rates.append(60 * accounts / run(*command, **environment())[0])
                require_orders(portal, accounts)
            figures = " | ".join(f"{rate:.1f}" for rate in (scripted, *rates))
            lines.append(f"| {latency} ms | {figures} | {rates[0] / scripted:.2f} | {rates[1] / scripted:.2f} |")
    return [f"Accounts per minute, each with one order, {accounts} accounts a run, whole processes:", "", *lines]


def arrange(portal: Portal, latency: int) -> None:
    """Begin afresh."""
    portal.say("reset", scenario="reseller")
    portal.say("settings", latency_ms=latency)


# -- memory ----------------------------------------------------------------------------------------------------------


def memory(accounts: int) -> list[str]:
    """Return the table of memory and time by how many accounts of one run were ordered for."""
    steps = [one for one in (10, 100, 500) if one <= accounts]
    found: dict[int, int] = {}
    moments: list[float] = []
    with tempfile.TemporaryDirectory() as folder, mock_portal("reseller") as portal:
        arrange(portal, 0)
        config = configuration(Path(folder) / "memory", portal.url, accounts, 2)
        command = [sys.executable, "-m", "pec_autorenew", "renew", "--log-json", "-c", str(config)]
        with subprocess.Popen(
            command, env={**os.environ, **environment()}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None  # noqa: S101 - a pipe was asked for
            for line in process.stderr:
                if json.loads(line).get("reason") == "ordered":
                    moments.append(time.perf_counter())
                    if len(moments) in steps:
                        found[len(moments)] = family_megabytes(process.pid)
        require_orders(portal, accounts)
    lines = ["| accounts ordered for | memory, whole family | seconds for each of the last ten |", "|---|---|---|"]
    for step in steps:
        each = (moments[step - 1] - moments[step - 10]) / 9
        lines.append(f"| {step} | {found[step]} MB | {each:.2f} |")
    ratio = found[steps[-1]] / found[steps[0]]
    lines += ["", f"From the {steps[0]}th to the {steps[-1]}th account memory goes to {ratio:.2f} of what it was."]
    return [f"One run over {accounts} accounts, 2 browsers, proportional set size of all its processes:", "", *lines]


def family_megabytes(pid: int) -> int:
    """Return what a process and all that it has started take, shared pages counted once."""
    first = psutil.Process(pid)
    total = 0
    for one in (first, *first.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue  # it has just ended
    return total // 1_000_000


# -- many workers ----------------------------------------------------------------------------------------------------


def fleet(accounts: int, visits: int) -> list[str]:
    """Return table and plot of visits per second by worker processes."""
    rates = []
    with postgres.running(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        for workers in WORKERS:
            place = Path(folder) / str(workers)
            place.mkdir()
            trial = Trial.of(server, place, accounts, seconds=STEP_S, width=4, lease="2 min", timing={"tend": 2})
            for number in range(workers):
                trial.start(number)
            rates.append(rate_of(trial, accounts - min(WARM, accounts // 10), visits))
            trial.end()
            orders = trial.orders()
            if set(orders.values()) != {1} or len(orders) < visits:
                raise SystemExit(f"{len(orders)} mailboxes have orders, at most {max(orders.values())} of them")
    lines = ["| worker processes | visits per second | against one |", "|---|---|---|"]
    lines += [f"| {n} | {rate:.1f} | {rate / rates[0]:.2f} |" for n, rate in zip(WORKERS, rates, strict=True)]
    said = f"{accounts} accounts, each due and ordered once, the rate over {visits} of them; the portal's double "
    said += f"({STEP_S * 1000:.0f} ms a step, 5 steps), 4 visits at a time in each process, PostgreSQL that waits for "
    said += "its disk:"
    return [said, "", *lines, "", *plot(rates)]


def rate_of(trial: Trial, begin: int, visits: int) -> float:
    """Return how many visits a second are made, from when so many accounts are open until `visits` of them are done."""
    since, at_first = 0.0, 0
    for still_open in trial.watch(0.2, 7200):
        now = time.perf_counter()
        if not since and still_open <= begin:
            since, at_first = now, still_open
        if since and (still_open <= at_first - visits or not still_open):
            return (at_first - still_open) / (now - since)
    raise SystemExit("the sweep was over before so many visits were made")


def plot(rates: list[float]) -> list[str]:
    """Return the plot of visits per second."""
    return [
        "```mermaid",
        "xychart-beta",
        '  title "Visits per second by worker processes"',
        f"  x-axis [{', '.join(map(str, WORKERS))}]",
        f'  y-axis "visits per second" 0 --> {max(rates) * 1.2:.0f}',
        f"  bar [{', '.join(f'{rate:.1f}' for rate in rates)}]",
        "```",
    ]


# -- nothing due -----------------------------------------------------------------------------------------------------


def idle() -> list[str]:
    """Return the table of what a run with nothing due takes."""
    lines = ["| mailboxes | accounts | wall | against 10 |", "|---|---|---|---|"]
    first = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for mailboxes in (10, 1_000, 10_000):
            accounts = max(1, mailboxes // 10)
            config = configuration(Path(folder) / str(mailboxes), "http://127.0.0.1:9/", accounts, 2)
            seen_before(config.parent / "state", accounts, mailboxes)
            command = [sys.executable, "-m", "pec_autorenew", "renew", "--quiet", "-c", str(config)]
            took = min(run(*command, **environment())[0] for _ in range(3))
            first = first or took
            lines.append(f"| {mailboxes} | {accounts} | {took:.2f} s | {took / first:.1f} |")
    return ["A run with nothing due, the best of three, with its page and its calendar:", "", *lines]


def seen_before(state: Path, accounts: int, mailboxes: int) -> None:
    """Leave a ledger that saw all mailboxes this morning, none of them due."""
    at, expiry = datetime(2026, 12, 1, 7, 0, tzinfo=UTC), date(2027, 9, 1)
    with Ledger.open(state / "ledger.sqlite3") as ledger:
        for number in range(1, accounts + 1):
            boxes = tuple(
                Mailbox(
                    f"m{place}.c{number}@pec.it",
                    expiry + timedelta(days=place),
                    MailboxState.ACTIVE,
                    MailboxType.STANDARD,
                    PortalAutorenewal.OFF,
                    renewable=True,
                )
                for place in range(mailboxes // accounts)
            )
            survey = Survey(f"c{number}", at, boxes, (), orders_visible=True, offers_flags=True)
            ledger.record_survey("http://127.0.0.1:9/", survey, mode="live", complete=True)


# -- all of it -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Print the tables, and write them where that is wanted."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", default=",".join(PARTS))
    asked.add_argument("--accounts", type=int, default=500)
    asked.add_argument("--fleet", type=int, default=10_000, help="accounts of the workers' sweep")
    asked.add_argument("--visits", type=int, default=1_200, help="visits of that sweep that are counted")
    asked.add_argument("--write", action="store_true")
    wanted = asked.parse_args()
    for part in wanted.only.split(","):
        match part:
            case "browsers":
                lines = browsers(min(12, wanted.accounts))
            case "memory":
                lines = memory(wanted.accounts)
            case "fleet":
                lines = fleet(wanted.fleet, wanted.visits)
            case "idle":
                lines = idle()
            case _:
                raise SystemExit(f"{part}: one of {', '.join(PARTS)} is wanted")
        print("\n".join(lines), end="\n\n", flush=True)
        if wanted.write:
            write(part, lines)


def write(part: str, lines: list[str]) -> None:
    """Put a part's figures in the place of the older ones."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN.format(part))
    figures, end, after = rest.partition(END)
    if not (begin and end) or "<!--" in figures:
        raise SystemExit(f"{DOCUMENT} has no place for {part}")
    DOCUMENT.write_text("\n".join([before + begin, "", *lines, "", end + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
