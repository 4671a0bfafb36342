"""The README's configuration and its commands are run as they stand there."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.users import MARKS, REPOSITORY

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.cli.users import Start, User

README: Final = (REPOSITORY / "README.md").read_text("utf-8")
LIVE: Final = "https://areaclienti.pec.it/"


def _blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language, without the indent of the list they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
    return ["\n".join(line.removeprefix(indent) for line in text.splitlines()) + "\n" for indent, text in found]


@pytest.mark.one_layout
def test_readme_configuration_renews_what_is_due(user: User, start: Start, layout: Layout) -> None:
    """Issue 2, item 12: with the portal's address put in, the README's own steps order exactly what is due."""
    portal = start("single", layout)
    whole, _billing = _blocks("toml")
    user.write(whole.replace(LIVE, portal.url))
    steps = next(block for block in _blocks("sh") if "config validate" in block)
    secret = {"PEC_STUDIO_PASSWORD": MARKS["PEC_BIANCA"]}
    commands = [line.split("#")[0].split()[1:] for line in steps.splitlines() if line.startswith("pec-autorenew")]
    assert [command[0] for command in commands] == ["config", "list", "plan", "renew"]
    for command in commands:
        assert user.run(*command, **secret).code == 0, command
        assert portal.truth.orders == {}, f"{command} must not order"
    done = user.run("renew", "--json", **secret)
    assert (done.code, done.mailboxes("awaiting-payment")) == (0, {"bianca.sorbo@pec.it"})
    assert [line.address for order in portal.truth.orders.values() for line in order.lines] == ["bianca.sorbo@pec.it"]


def test_readme_billing_is_part_of_a_right_configuration(user: User) -> None:
    """The block for companies may be added as it stands, and the live portal's address is right as it stands."""
    whole, billing = _blocks("toml")
    user.write(whole + billing)
    assert tomllib.loads(whole)["portal"]["base_url"] == LIVE
    done = user.run("config", "validate", PEC_STUDIO_PASSWORD="x", PEC_AUTORENEW_CLOCK="")
    assert done.code == 0, done.err


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "75", "78"])
def test_readme_exit_codes_are_those_of_the_program(code: str) -> None:
    """Scripts depend on the table: each of its codes is one of the program's."""
    from pec_autorenew import results

    known = {value for name, value in vars(results).items() if name.isupper() and isinstance(value, int)}
    assert int(code) in known
    assert re.search(rf"^\| {code} \|", README, re.MULTILINE)
