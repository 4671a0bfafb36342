"""Accounts from a file, with clients, on the command line and at the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.ledger import Ledger
from tests.cli.users import HEAD, MARKS, ordered

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.cli.users import Start, User
    from tests.markers import Planted

ACCOUNTS = (
    "name;username;client;billing.identifier\r\n"
    "studio;100001@aruba.it;ginepro;\r\n"
    "azienda;100002@aruba.it;prugnolo;nessuno\r\n"
)


@pytest.mark.one_layout
def test_accounts_file_with_passwords_in_a_folder_and_a_client_s_budget(
    user: User, start: Start, layout: Layout, planted: Planted
) -> None:
    """Issue 7, item 3: a spreadsheet, a folder of passwords, a budget that one client exceeds, and reports of each."""
    portal = start(layout=layout)
    text = HEAD.format(url=portal.url)
    clients = '[[clients]]\nname = "ginepro"\nmax_per_month = "13.00"\n'
    user.write(
        f'accounts_file = "accounts.csv"\naccounts_password = {{ file = "passwords/{{name}}" }}\n{text}{clients}'
    )
    folder = user.config.parent
    (folder / "accounts.csv").write_bytes(ACCOUNTS.encode("utf-8-sig"))
    (folder / "passwords").mkdir(mode=0o700)
    for name, mark in (("studio", "PEC_STUDIO"), ("azienda", "PEC_AZIENDA")):
        path = folder / "passwords" / name
        path.touch(mode=0o600)
        path.write_text(MARKS[mark], "utf-8")
        planted(path)

    first = user.run("renew", "--client", "ginepro", "--json")

    assert {item["account"] for item in first.json["items"]} == {"studio"}
    assert first.items()["studio.ginepro@pec.it"] == ("stopped", "budget")
    assert ordered(portal) == ["mirto.ginepro@arubapec.it", "vecchia.ginepro@casellapec.com"]
    rest = user.run("renew", "--json")
    assert rest.items()["officine.prugnolo@pec.it"] == ("awaiting-payment", "ordered")
    assert rest.json["totals"]["clients"][0]["client"] == "prugnolo"
    by_order = user.run("history", "--csv", "--by", "order", "--client", "prugnolo").out.splitlines()
    assert [line.split(",")[8] for line in by_order] == ["mailboxes", "officine.prugnolo@pec.it"]
    shown = user.run("show", "--client", "ginepro", "--json")
    assert {item["client"] for item in shown.json["items"]} == {"ginepro"}
    assert user.run("plan", "--account", "azienda", "--client", "ginepro").code == 2
    with Ledger.open(user.state / "ledger.sqlite3") as ledger:
        (config,) = {str(run.config["accounts_file_sha256"]) for run in ledger.runs()}
    assert len(config) == 64
