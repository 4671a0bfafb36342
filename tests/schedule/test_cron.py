"""The line for cron, and everybody else's lines around it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.errors import ConfigError
from pec_autorenew.schedule import cron
from pec_autorenew.schedule.wanted import MARK, asked_in

if TYPE_CHECKING:
    from tests.schedule.conftest import MakeJob

OURS = f"{MARK}{{}}\n17 6 * * * /opt/pec-autorenew renew --quiet\n{cron.END}\n"
lines = st.lists(st.text(st.characters(exclude_characters="\n\r", codec="ascii"), max_size=20), max_size=5)


def words_of(line: str, before: int) -> list[str]:
    """Return the words of the command as cron and then the shell read them."""
    return shlex.split(line.split(maxsplit=before)[before].replace(r"\%", "%"))


def test_cron_line_has_absolute_paths_and_no_secret(job: MakeJob) -> None:
    """ENV-2: program and configuration by absolute paths; the run itself waits a random time."""
    first, line, last = cron.block(job(system=False, user="", at="6:05")).splitlines()
    assert line == "5 6 * * * /opt/pec/bin/pec-autorenew -c /etc/pec-autorenew/config.toml renew --quiet"
    assert asked_in(first) is not None
    assert last == cron.END


def test_cron_line_of_the_system_names_its_user(job: MakeJob) -> None:
    """SEC-5: not as root."""
    line = cron.block(job()).splitlines()[1]
    assert line.split()[5] == "pec-autorenew"
    assert words_of(line, 6)[0] == "/opt/pec/bin/pec-autorenew"


@pytest.mark.parametrize("folder", ["/etc/a b", "/etc/100%", "/etc/$HOME", "/etc/it's"])
def test_cron_line_takes_strange_paths_literally(job: MakeJob, folder: str) -> None:
    """ENV-2: what cron and the shell would read as something else is written so that they do not."""
    line = cron.block(job(system=False, user="", config=f"{folder}/config.toml")).splitlines()[1]
    assert words_of(line, 5)[2] == f"{folder}/config.toml"
    assert "%" not in line.replace(r"\%", "")


def test_cron_is_not_given_a_calendar_of_systemd(job: MakeJob) -> None:
    """What cron cannot do is said, not guessed."""
    with pytest.raises(ConfigError, match="time of day"):
        cron.block(job(at="Mon..Fri 07:30"))


@given(before=lines, after=lines)
def test_crontab_keeps_every_line_of_its_owner(before: list[str], after: list[str]) -> None:
    """Installing twice is installing once, and removing gives back exactly what was there."""
    above, below = ("".join(f"{line}\n" for line in part) for part in (before, after))
    theirs = above + below
    once = cron.merged(above + OURS + below, OURS)
    assert once.count(MARK) == 1
    assert cron.merged(once, OURS) == once
    assert cron.find(once, "renew") == OURS
    assert cron.without(once, "renew") == theirs
    assert cron.without(theirs, "renew") == theirs


def test_crontab_without_the_end_of_our_block_stays_as_it_is() -> None:
    """Where somebody edited our lines, nobody guesses how far they go."""
    with pytest.raises(ConfigError, match="crontab -e"):
        cron.without(f"{MARK}{{}}\n17 6 * * * x\n0 3 * * * backup\n", "renew")


def test_crontab_has_a_block_for_each_command(job: MakeJob) -> None:
    """Issue 8: checks and orders are put in, changed and taken out without each other; a check waits by an option."""
    orders = cron.block(job(system=False, user=""))
    checks = cron.block(job(system=False, user="", command="check-portal", at="04:07"))
    assert checks.splitlines()[1].endswith("check-portal --quiet --jitter")
    both = cron.merged(cron.merged("0 3 * * * backup\n", orders), checks)
    later = cron.block(job(system=False, user="", command="check-portal", at="05:00"))
    moved = cron.merged(both, later)
    assert (cron.find(moved, "renew"), cron.find(moved, "check-portal")) == (orders, later)
    assert cron.without(moved, "renew") == f"0 3 * * * backup\n{later}"
    assert cron.without(moved, "check-portal") == f"0 3 * * * backup\n{orders}"
