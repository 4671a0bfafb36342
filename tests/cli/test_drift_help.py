"""The portal has a new release over night: the run says what to write down for it, and the next one works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal.naming import Renamer
from tests.cli.users import BIANCA, HEAD, ordered

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.mock_portal import Layout, MockPortal
    from tests.cli.users import Done, Start, User

pytestmark = pytest.mark.one_layout

DUE = "bianca.sorbo@pec.it"
CONFIRM = re.compile(r"CONFERMA e completa l'ordine", re.IGNORECASE)
BUTTON = re.compile(rf"<(mk-button|button|a|input)\b[^<>]*>?[^<>]*{CONFIRM.pattern}.*?(?:</\1>|>)", re.IGNORECASE)


class Release(Renamer):
    """What the portal serves from now on."""

    def __init__(self, change: Callable[[str], str]) -> None:
        """Change what is served."""
        super().__init__(None)
        self.change = change

    def __call__(self, text: str) -> str:
        """Change one answer."""
        return self.change(text)


def release(portal: MockPortal, change: Callable[[str], str]) -> None:
    """Serve everything changed."""
    portal._desk.rendering.rename = Release(change)


def rename(text: str) -> str:
    """Call the binding button something else."""
    return CONFIRM.sub("Invia l'ordine", text)


def double(text: str) -> str:
    """Show the binding button twice."""
    return BUTTON.sub(lambda button: button[0] * 2, text)


def pasted(done: Done, table: str) -> str:
    """Return the block that the help prints for the end of the file."""
    lines = done.out.splitlines()
    start = lines.index(f"    [{table}]")
    return f"{lines[start].strip()}\n{lines[start + 1].strip()}\n"


@pytest.fixture
def portal(user: User, start: Start, layout: Layout) -> MockPortal:
    """Give a portal with one due mailbox, and the user its configuration."""
    portal = start("single", layout)
    user.write((HEAD.format(url=portal.url) + BIANCA).replace('"10 s"', '"3 s"'))
    return portal


@pytest.mark.parametrize(
    ("change", "table"),
    [(rename, "portal.names"), pytest.param(double, "portal.locators", marks=pytest.mark.torture)],
)
def test_line_that_the_help_prints_makes_the_next_run_order_exactly_what_is_due(
    user: User, portal: MockPortal, change: Callable[[str], str], table: str
) -> None:
    """DRF-3, DRF-4: the binding button is renamed or doubled: no order until the operator says which it is."""
    release(portal, change)
    done = user.run("renew")
    assert done.code == 6
    assert ordered(portal) == []
    assert portal.truth.confirm_posts == 0
    assert "Not recognised: «Modulo Ordine» (account bianca)" in done.out
    assert "modulo_ordine.confirm, known as «CONFERMA e completa l'ordine»" in done.out
    with user.config.open("a") as file:
        file.write(f"\n{pasted(done, table)}")
    again = user.run("renew")
    assert (again.code, ordered(portal)) == (0, [DUE])
    assert portal.truth.confirm_posts == 1
    assert user.run("renew", "-q").out == ""
    assert ordered(portal) == [DUE]


def test_line_goes_below_a_table_that_is_there(user: User, portal: MockPortal) -> None:
    """DRF-3: a file that has the table takes the line alone, as the help says."""
    release(portal, rename)
    user.write(user.config.read_text("utf-8") + '\n[portal.names]\nlogin.submit = ["Accedi"]\n')
    _, line = pasted(user.run("renew", "--dry-run"), "portal.names").splitlines()
    user.write(user.config.read_text("utf-8") + line + "\n")
    assert user.run("renew", "--dry-run").code == 0
    assert ordered(portal) == []


def test_help_is_kept_with_the_page_and_told_whatever_is_asked_for(user: User, portal: MockPortal) -> None:
    """DRF-4, SEC-4: one folder of the user's own; --quiet, --json, `show` and `list` leave nothing of it out."""
    release(portal, rename)
    quiet = user.run("renew", "-q")
    document = user.run("renew", "--json").json
    (item,) = document["items"]
    folder = Path(item["evidence"][0]).parent
    assert sorted(path.name for path in folder.iterdir()) == ["help.txt", "page.png", "snapshot.yaml"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    (drift,) = document["drift"]
    (element,) = drift["elements"]
    assert element["candidates"][0] == element["candidates"][0] | {
        "role": "button",
        "name": "Invia l'ordine",
        "table": "portal.names",
        "line": 'modulo_ordine.confirm = ["Invia l\'ordine"]',
    }
    text = (folder / "help.txt").read_text("utf-8")
    shown = user.run("show").out
    assert all(line in shown for line in text.splitlines())
    assert element["candidates"][0]["line"] in quiet.out
    long = [line for line in text.splitlines() if len(line) > 80]
    assert not [line for line in long if "portal" not in line and str(folder) not in line and " = " not in line]
    assert DUE not in text + (folder / "snapshot.yaml").read_text("utf-8")


def test_portal_that_cannot_be_signed_in_to_is_told_by_list(user: User, portal: MockPortal) -> None:
    """DRF-4, SEC-4: a renamed «Accedi» is named on stderr; its page is described and, with a password, not pictured."""
    release(portal, lambda text: re.sub(r"(?<=>|\")Accedi(?=<|\")", "Avanti", text))
    done = user.run("list")
    assert done.code == 6
    assert 'login.submit = ["Avanti"]' in done.err
    (run,) = (user.state / "runs").iterdir()
    assert sorted(path.name for path in run.rglob("*") if path.is_file()) == ["help.txt", "snapshot.yaml"]
