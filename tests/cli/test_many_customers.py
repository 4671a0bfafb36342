"""Many accounts in browsers, several at a time; a browser that is killed midway costs nobody a second order."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Final

import psutil
import pytest

from pec_autorenew.mock_portal.scenarios import CUSTOMERS_PASSWORD
from tests.cli.users import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.mock_portal import MockPortal
    from tests.cli.users import Start, User

#: `make torture` takes 100.
CUSTOMERS: Final = int(os.environ.get("PEC_CUSTOMERS", "5"))
PATIENCE_S: Final = 120 + 15 * CUSTOMERS


@pytest.fixture
def portal(start: Start, user: User) -> MockPortal:
    """Give a reseller's portal, and its first customers to a user."""
    portal = start("reseller")
    rows = [f"c{number},{400000 + number}@aruba.it,CUSTOMER" for number in range(1, CUSTOMERS + 1)]
    accounts = user.config.with_name("accounts.csv")
    limits = '[limits]\nmax_per_mailbox = "60.00"\nmax_per_run = "9000.00"\nmax_per_month = "9000.00"\n'
    head = HEAD.format(url=portal.url)
    start_of_limits, end = head.index("[limits]"), head.index("[", head.index("[limits]") + 1)
    user.write('accounts_file = "accounts.csv"\n' + head[:start_of_limits] + limits + head[end:])
    accounts.write_text("name,username,password.env\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return portal


def bought(portal: MockPortal) -> Counter[str]:
    """Return how many orders the portal has for each mailbox."""
    return Counter(line.address for order in portal.truth.orders.values() for line in order.lines)


def browsers_of(process: psutil.Process) -> list[psutil.Process]:
    """Return the processes in which a run drives its browsers."""
    return [one for one in process.children() if any("pec_autorenew.engine.worker" in word for word in one.cmdline())]


def killed_midway(user: User, portal: MockPortal) -> Iterator[int]:
    """Run `renew`; kill one of its browsers' processes when a third is ordered. Yield which one, and the exit code."""
    with subprocess.Popen(  # noqa: S603 - our own program
        user.command("renew", "--quiet"),
        env=user.environment | {"CUSTOMER": CUSTOMERS_PASSWORD},
        cwd=user.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        while run.poll() is None and len(portal.truth.orders) < max(1, CUSTOMERS // 3):
            try:
                run.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        victim = browsers_of(psutil.Process(run.pid))[0]
        yield victim.pid
        victim.kill()
        yield run.wait(PATIENCE_S)


@pytest.mark.timeout(2 * PATIENCE_S)
def test_customers_are_ordered_for_once_though_a_browser_is_killed(user: User, portal: MockPortal) -> None:
    """DUP-2, RES-1, RES-2: what the killed visit may have ordered is looked up; a second run does the rest."""
    user.patience = PATIENCE_S
    victim, code = killed_midway(user, portal)
    assert code in {0, 1, 5, 7}
    assert set(bought(portal).values()) == {1}
    again = user.run("renew", "--quiet", CUSTOMER=CUSTOMERS_PASSWORD)
    assert again.code in {0, 1, 5, 7}
    assert set(bought(portal).values()) == {1}
    if again.code not in {5, 1}:
        assert len(bought(portal)) == CUSTOMERS
    assert not psutil.pid_exists(victim)
