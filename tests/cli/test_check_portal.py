"""`check-portal` as a user has it: what it prints and writes, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from pec_autorenew.ledger import Ledger
from tests.cli.users import BIANCA, HEAD, both, ordered
from tests.markers import found_in

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout, MockPortal
    from tests.cli.users import Done, Start, User


def elements(done: Done) -> dict[str, str]:
    """Return the state of each element that was looked for."""
    found: dict[str, str] = {}
    for account in done.json["accounts"]:
        for page in account["pages"]:
            for one in page["elements"]:
                if found.get(one["element"], "not-reached") == "not-reached":  # two pages may have one of that name
                    found[one["element"]] = one["state"]
    return found


@pytest.mark.one_layout
def test_check_says_element_by_element_what_is_there(user: User, start: Start, layout: Layout) -> None:
    """DRF-5: as tables, as JUnit and as HTML; a run in the ledger, a survey, and nothing else."""
    portal = start("single", layout)
    user.write(HEAD.format(url=portal.url) + BIANCA)
    junit, page = user.home / "junit.xml", user.home / "look.html"
    done = user.run("check-portal", "--junit", str(junit), "--html", str(page))
    assert done.code == 0, done.err
    assert "nothing is missing, renamed or ambiguous." in done.out
    assert "No baseline yet" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines() if line.startswith(" login"))

    root = ET.fromstring(junit.read_text("utf-8"))  # noqa: S314 - our own
    cases = list(root.iter("testcase"))
    assert root.get("tests") == str(len(cases))
    assert root.get("failures") == "0"
    assert root.get("skipped") == str(len(list(root.iter("skipped"))))
    assert {"login.submit", "modulo_ordine.confirm"} <= {case.get("name") for case in cases}

    text = page.read_text("utf-8")
    for personal in ("bianca.sorbo@pec.it", "200001@aruba.it", "Bianca Sorbo", "bianca.sorbo@posta.example"):
        assert personal not in text
    assert "data:image/png;base64," in text
    assert page.stat().st_mode & 0o077 == 0
    with Ledger.open(user.state / "ledger.sqlite3") as ledger:
        (run,) = ledger.runs()
        assert (run.command, run.mode, run.exit_code) == ("check-portal", "dry-run", 0)
        assert ledger.renewals() == ()
        assert ledger.last_survey(portal.url, "bianca") is not None
    assert ordered(portal) == []
    assert portal.truth.confirm_posts == 0


def test_baseline_is_taken_and_then_equal(user: User, start: Start) -> None:
    """--update-baseline prints what changes; the next check compares, and the files are their owner's only."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    taken = user.run("check-portal", "--update-baseline")
    assert taken.code == 0
    assert "Baseline written." in taken.out
    files = sorted((user.state / "baselines" / "bianca").iterdir())
    assert "modulo_ordine.yaml" in [file.name for file in files]
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert not any("bianca.sorbo" in file.read_text("utf-8") for file in files)
    again = user.run("check-portal", "--json").json
    assert again["schema"] == "pec-autorenew/check-portal/1"
    for page in again["accounts"][0]["pages"]:
        assert page["baseline"] == ("compared" if page["reached"] else "absent")
        assert page["new"] == page["gone"] == []
    assert user.run("check-portal", "--quiet").out == ""


def test_drift_ends_with_6_and_says_how_it_could_be_taken(user: User, start: Start) -> None:
    """DRF-3, DRF-4: what is nearest, and the line of configuration; that line then is enough."""
    portal = start("single")
    renamed = '[portal.names]\n"modulo_ordine.confirm" = "Conferma e invia ordine"\n'
    user.write(HEAD.format(url=portal.url).replace('"10 s"', '"3 s"') + renamed + BIANCA)
    done = user.run("check-portal", "--json")
    assert done.code == 6
    assert elements(done)["modulo_ordine.confirm"] == "missing"
    assert done.json["exit_codes"] == [6]
    text = user.run("check-portal", "--quiet")
    assert text.code == 6
    assert "modulo_ordine.confirm is missing; documented: «Conferma e invia ordine»" in text.out
    assert "portal.names" in text.out
    assert portal.truth.confirm_posts == 0


def test_sign_in_that_is_refused_is_no_drift(user: User, start: Start) -> None:
    """HUM-3: the usual exit code; the sign-in form was looked at all the same; and it is not tried again."""
    portal = start("single")
    portal.truth.change_account("200001@aruba.it", password="S3gret0-altro")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    done = user.run("check-portal", "--json")
    assert done.code == 1
    assert elements(done)["login.submit"] == "present"
    assert elements(done)["home.manage"] == "not-reached"
    tried = len(portal.truth.sign_ins)
    assert user.run("check-portal").code == 1
    assert len(portal.truth.sign_ins) == tried == 1


def test_attended_without_a_terminal_is_refused(user: User, portal: MockPortal) -> None:
    """Each step is asked for, and nobody could answer."""
    user.write(both(portal))
    done = user.run("check-portal", "--attended")
    assert done.code == 2
    assert "no terminal" in done.err
    assert portal.truth.hits == []


def test_one_account_may_be_chosen_and_a_file_that_cannot_be_written_is_told(user: User, portal: MockPortal) -> None:
    """INTERFACE: --account narrows, an unknown name is a usage error; 8: the work is fine, a report is not there."""
    user.write(both(portal))
    assert user.run("check-portal", "--account", "nobody").code == 2
    assert portal.truth.hits == []
    nowhere = user.home / ".config" / "pec-autorenew" / "config.toml" / "junit.xml"
    done = user.run("check-portal", "--account", "azienda", "--json", "--junit", str(nowhere))
    assert done.code == 8
    assert [one["account"] for one in done.json["accounts"]] == ["azienda"]
    assert "could not be written" in done.err
    with Ledger.open(user.state / "ledger.sqlite3") as ledger:
        assert [run.exit_code for run in ledger.runs()] == [8]


@pytest.mark.one_layout
def test_walk_is_recorded_without_anybody_s_data(user: User, start: Start, layout: Layout) -> None:
    """--record: a folder of its owner's only, told on stderr; nothing is ordered, and nobody is named in it (SEC-4)."""
    portal = start("single", layout)
    user.write(HEAD.format(url=portal.url) + BIANCA)
    folder = user.home / "recording"
    done = user.run("check-portal", "--json", "--record", str(folder))
    assert done.code == 0, done.err
    assert f"Recorded: {folder} (" in done.err
    assert done.json["exit_code"] == 0
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {"caselle", "gestione_caselle", "modulo_ordine"} <= {key for page in told["pages"] for key in page["pages"]}
    assert folder.stat().st_mode & 0o077 == 0
    for file in folder.iterdir():
        assert not set(found_in(file.read_bytes(), strict=True)), file.name
    assert portal.truth.confirm_posts == 0
    again = user.run("check-portal", "--record", str(folder))
    assert again.code == 2
    assert "exists already" in again.err


def test_recording_that_cannot_be_made_is_refused_before_anything_is_visited(user: User, portal: MockPortal) -> None:
    """--record takes one account, and a folder that does not exist."""
    user.write(both(portal))
    for words, arguments in (
        ("one account", ("--record", str(user.home / "recording"))),
        ("exists already", ("--account", "azienda", "--record", str(user.home))),
        ("no folder", ("--account", "azienda", "--record", str(user.home / "a" / "b"))),
    ):
        done = user.run("check-portal", *arguments)
        assert (done.code, words in done.err) == (2, True), done.err
    assert portal.truth.hits == []


def test_walk_that_saw_nothing_is_not_recorded(user: User, portal: MockPortal) -> None:
    """8: the walk is told as always, and there is no recording."""
    user.write(both(portal).replace(portal.url, "http://127.0.0.1:9"))
    folder = user.home / "recording"
    done = user.run("check-portal", "--account", "azienda", "--record", str(folder))
    assert "no page that could be recorded" in done.err
    assert done.code not in {0, 2}
    assert not folder.exists()
