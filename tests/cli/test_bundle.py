"""`bundle`: one run in an archive that a stranger may have."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal.scenarios import SINGLE
from tests.cli.counter import counter_at
from tests.cli.users import BIANCA, HEAD

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.users import Start, User
    from tests.markers import Planted

DUE = "bianca.sorbo@pec.it"
#: Whom the runs below are about.
NOBODY = (
    DUE,
    "bianca",
    "sorbo",
    "200001",
    SINGLE.tax_code,
    "segreta-cliente",
    "provetti",
    "pec_bianca",
    "posta.example",
)


def contents(path: Path) -> dict[str, str]:
    """Return the archive's files."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def found(files: dict[str, str], *more: str) -> list[tuple[str, str]]:
    """Return where somebody is named all the same."""
    return [(name, who) for name, text in files.items() for who in (*NOBODY, *more) if who in (name + text).lower()]


def test_bundle_of_an_order_tells_what_happened_and_to_nobody(user: User, start: Start) -> None:
    """SEC-4: states, dates and amounts are there, the same order has the same name; names, numbers, words are not."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA + 'client = "Segreta-Cliente"\n')
    run_id = user.run("renew", "--json").json["run_id"]
    (number,) = portal.truth.orders
    done = user.run("bundle", run_id[-4:])
    assert done.code == 0, done.err
    path = user.home / f"pec-autorenew-{run_id}.zip"
    assert done.out == f"{path.name}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    files = contents(path)
    assert found(files, number) == []
    assert sorted(files) == [
        *("README.txt", "configuration.json", "events.json", "renewals.json", "report.json", "versions.json"),
    ]
    (renewal,) = json.loads(files["renewals.json"])
    assert (renewal["id"], renewal["order_number"], renewal["gross"]) == ("mailbox-1/2026-12-11", "order-1", "6.10")
    (item,) = json.loads(files["report.json"])["items"]
    assert item["message"].startswith("Order order-1 is in «Attesa pagamento» (bonifico, 6,10 €). Pay it by 07/12/2026")
    assert "Conferma ordine" in item["payment_instructions"]
    events = json.loads(files["events.json"])
    assert [one["to"] for one in events if one["to"]] == ["planned", "submitting", "awaiting-payment"]
    assert json.loads(files["configuration.json"])["accounts"][0]["password"] == "env: …"
    assert "Left out:" in done.err
    assert "passwords and other secrets" in files["README.txt"]


def test_bundle_holds_the_masked_snapshot_and_says_why_not_the_picture(
    user: User, start: Start, planted: Planted
) -> None:
    """SEC-4: pictures and files that nobody knows stay at home, and the list says so; `--json` is the list."""
    portal = start("single+extra-line", "g2")  # the layouts that ask the portal for each page
    user.write(HEAD.format(url=portal.url) + BIANCA)
    run_id = user.run("renew", "--json").json["run_id"]
    folder = user.state / "runs" / run_id
    planted(folder / "note di Bianca Sorbo.txt").write_text("Bianca Sorbo", encoding="utf-8")
    (folder / "elsewhere.yaml").symlink_to(user.config)
    out = user.home / "for-support.zip"
    document = user.run("bundle", "--output", str(out), "--json").json
    files = contents(out)
    assert found(files) == []
    snapshot = "evidence/account-1-01-form-mismatch/snapshot.yaml"
    assert 'button "CONFERMA e completa l\'ordine"' in files[snapshot]
    assert [one["file"] for one in document["inside"]] == list(files)
    left = {one["what"]: one["why"] for one in document["left_out"]}
    assert "a picture shows names" in left["evidence/account-1-01-form-mismatch/page.png"]
    assert any("so nobody knows what it holds" in why for why in left.values())
    assert any("no file of its own" in why for why in left.values())
    assert json.loads(files["report.json"])["items"][0]["evidence"] == [
        "evidence/account-1-01-form-mismatch/page.png (left out)",
        snapshot,
    ]


def test_bundle_writes_over_nothing_and_knows_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """INTERFACE: an unknown run and a file that is there are usage errors; a folder that is not there is exit 8."""
    counter = counter_at(tmp_path, monkeypatch)
    assert "There is no run yet" in counter.run("bundle").err
    counter.run("list")
    unknown = counter.run("bundle", "2020", "--json")
    assert (unknown.code, unknown.json["exit_codes"]) == (2, [2])
    assert "There is no run '2020'; `pec-autorenew history` lists them." in unknown.err
    mine = counter.home / "mine.zip"
    mine.write_text("mine", encoding="utf-8")
    refused = counter.run("bundle", "--output", str(mine))
    assert (refused.code, mine.read_text("utf-8")) == (2, "mine")
    assert "is there already" in refused.err
    link = counter.home / "link.zip"
    link.symlink_to(counter.home / "target.zip")
    assert counter.run("bundle", "--output", str(link)).code == 2
    assert counter.run("bundle", "--output", str(counter.home / "no" / "folder.zip")).code == 8
    quiet = counter.run("bundle", "-q", "--output", str(counter.home / "new.zip"))
    assert (quiet.code, quiet.out, quiet.err) == (0, f"{counter.home / 'new.zip'}\n", "")
