"""Whatever zone and language a host has, a run says and does the same: the client as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.counter import HEAD
from tests.cli.users import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT = '\n[[accounts]]\nname = "studio"\nusername = "studio@aruba.it"\npassword = { env = "UNUSED" }\n'
#: The command line in front of the portal's double, at an instant, with three mailboxes around the window's first day.
PROGRAM = """\
import datetime, locale, os, sys, time
from contextlib import contextmanager
from pathlib import Path
import pec_autorenew.engine.crew as crew
from pec_autorenew.cli import main
from tests.engine.double import Clock, Truth, portals_of

try:
    locale.setlocale(locale.LC_ALL, "")  # worse than what the client itself does
except locale.Error:
    sys.exit("there is no such locale here")
truth = Truth(Clock())
truth.clock.now = datetime.datetime.fromisoformat(os.environ["PEC_AUTORENEW_CLOCK"]).astimezone(datetime.UTC)
day = datetime.date.fromisoformat(sys.argv[1])
for number in (29, 30, 31, 6, 7):
    box = truth.add(f"INDIRIZZO{number}@pec.it".lower(), 0)
    box.expiry = day + datetime.timedelta(days=number)

@contextmanager
def portals(config, clock, folder, **_):
    with portals_of(truth)(folder.name) as opened:
        yield opened

crew.browsers = portals
print(truth.clock.now.astimezone().strftime("%d %B"), file=sys.stderr)
main(sys.argv[2:])
"""
#: Instants at which it is another day at the host than in Rome, and Rome's day.
WEST = ("2026-12-02T00:01:00+01:00", "2026-12-02", "Pacific/Pago_Pago")
EAST = ("2026-12-01T23:59:00+01:00", "2026-12-01", "Pacific/Kiritimati")
CHANGE = ("2027-03-28T23:59:00+02:00", "2027-03-28", "Pacific/Kiritimati")


@pytest.fixture(scope="module")
def turkish(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the language in which «i» is no small «I», where the machine has what it is made from."""
    folder, maker = tmp_path_factory.mktemp("locales"), shutil.which("localedef")
    if maker is None or not Path("/usr/share/i18n/locales/tr_TR").exists():
        pytest.skip("the machine cannot make a locale")
    made = [maker, "-i", "tr_TR", "-f", "UTF-8", str(folder / "tr_TR.UTF-8")]
    subprocess.run(made, check=False, capture_output=True)  # noqa: S603 - the machine's own tool
    return folder


def run(home: Path, instant: str, day: str, *arguments: str, **environ: str) -> tuple[dict[str, Any], str]:
    """Run the client at a host; return its document and what it said besides."""
    home.mkdir()
    (home / "config.toml").write_text(HEAD.format(ledger="") + ACCOUNT, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, day, *arguments, "-c", str(home / "config.toml"), "--json"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(REPOSITORY),
            "PEC_AUTORENEW_CLOCK": instant,
            **environ,
        },
        cwd=home,
        capture_output=True,
        check=False,
    )
    if "no such locale" in done.stderr.decode():
        pytest.skip("the machine cannot make this locale")
    assert done.returncode == 7, done.stderr.decode()
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document, done.stderr.decode()


def told(document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what became of each mailbox."""
    return {item["mailbox"]: (item["outcome"], item["reason"]) for item in document["items"]}


def assert_by_rome(document: Mapping[str, Any]) -> None:
    """Check what is due and what is not on Rome's day."""
    ordered = ("awaiting-payment", "ordered")
    assert told(document) == {
        "indirizzo6@pec.it": ordered,
        "indirizzo7@pec.it": ordered,
        "indirizzo29@pec.it": ordered,
        "indirizzo30@pec.it": ordered,
        "indirizzo31@pec.it": ("skipped", "not-due"),
    }
    assert document["exit_codes"] == [7]


@pytest.mark.parametrize("where", [EAST, CHANGE], ids=["east", "clock-change"])
def test_host_far_east_orders_by_rome_s_day(tmp_path: Path, where: tuple[str, str, str]) -> None:
    """TIM-1: at UTC+14 it is the next day already; windows, critical days and budgets are Rome's."""
    instant, day, zone = where
    document, said = run(tmp_path / "there", instant, day, "renew", TZ=zone, LC_ALL="C")
    assert_by_rome(document)
    assert said.split()[0] != day[-2:], "the host has Rome's day: nothing is proven"


def test_host_far_west_that_speaks_turkish_orders_by_rome_s_day(tmp_path: Path, turkish: Path) -> None:
    """TIM-1: at UTC-11 it is the day before still; «INDIRIZZO» is «indirizzo» in any language."""
    instant, day, zone = WEST
    document, said = run(tmp_path / "there", instant, day, "renew", TZ=zone, LC_ALL="tr_TR.UTF-8", LOCPATH=str(turkish))
    assert_by_rome(document)
    assert "01 Aralık" in said, "the host speaks no Turkish, or has Rome's day: nothing is proven"
