"""docs/mock-portal.md says what `renew` makes of each scenario: so it is."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal import SCENARIOS
from tests.cli.users import HEAD, MARKS

if TYPE_CHECKING:
    from tests.cli.users import Start, User

_ROW = re.compile(r"^\| `([\w-]+)` \| [^|]+ \| ([^|]+) \| (\d+|–) \|$", re.MULTILINE)
#: In `make test` the shortest one is run, in `make torture` each.
_SHORT = {"single"}


def documented() -> dict[str, tuple[str, str]]:
    """Return what the document says of each scenario: what its first account's items come to, and the exit code."""
    text = (Path(__file__).parents[2] / "docs" / "mock-portal.md").read_text("utf-8")
    return {name: (told.strip(), code) for name, told, code in _ROW.findall(text) if name in SCENARIOS}


def test_table_tells_the_outcome_of_every_scenario() -> None:
    """One row each, by the names that the code has."""
    assert list(documented()) == list(SCENARIOS)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", [name for name, (told, _) in documented().items() if told != "–"])
def test_renew_makes_of_a_scenario_what_the_table_says(user: User, start: Start, scenario: str) -> None:
    """A test bench tells beforehand what to expect of the first account."""
    if scenario not in _SHORT and not os.environ.get("PEC_EVERY_LAYOUT"):
        pytest.skip("in `make torture`")
    portal = start(scenario)
    username = next(iter(portal.truth.accounts))
    portal.truth.change_account(username, password=MARKS["PEC_BIANCA"])
    account = f'[[accounts]]\nname = "first"\nusername = "{username}"\npassword = {{ env = "PEC_BIANCA" }}\n'
    user.write(HEAD.format(url=portal.url) + account)
    user.patience = 250
    done = user.run("renew", "--json")
    items = Counter(f"`{item['outcome']}` `{item['reason']}`" for item in done.json["items"])
    told = ", ".join(f"{count} × {what}" for what, count in sorted(items.items())) or "nothing"
    assert (told, str(done.code)) == documented()[scenario]
