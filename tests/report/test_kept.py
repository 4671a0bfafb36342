"""What a run leaves behind: each file on its own, whatever becomes of the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pec_autorenew.cli.aftermath import CALENDAR, PAGE, Aftermath
from pec_autorenew.cli.options import Asked
from pec_autorenew.cli.running import Look
from pec_autorenew.report.document import run_document
from pec_autorenew.report.html import RunPage
from pec_autorenew.report.notes import notes_on

if TYPE_CHECKING:
    import pytest

    from tests.engine.office import Office


def follow(office: Office, **look: Any) -> dict[str, Any]:  # noqa: ANN401 - what is asked for
    """Let a run be followed by what follows it; return its document."""
    office.truth.add("a@pec.it", 10)
    result = office.run()
    run = office.ledger.run(result.run_id)
    assert run is not None
    asked = Asked(None, quiet=True, verbose=False, log_json=False)
    chosen = {"accounts": frozenset[str](), "mailboxes": frozenset[str](), **look}
    notes = notes_on(office.config, office.ledger, result.items, office.clock())
    given = Look(asked, office.config, office.ledger, office.clock, **chosen)  # type: ignore[arg-type]
    aftermath = Aftermath(given)
    aftermath.prelude(run.id)
    return aftermath.follow(run_document(run), notes)


def test_page_that_cannot_be_made_takes_nothing_else_along(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """NOT-2, SIL-4: exit 8 and a word on stderr; the order is what it was, and the other files are there."""

    def broken(*_: object) -> str:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(RunPage, "html", broken)
    document = follow(office)
    assert (document["exit_code"], document["exit_codes"]) == (8, [8])
    assert document["totals"]["ordered"] == 1
    assert "ValueError" in capsys.readouterr().err
    folder = office.state_dir / "runs" / document["run_id"]
    assert json.loads((folder / "report.json").read_text("utf-8"))["run_id"] == document["run_id"]
    assert not (folder / PAGE).exists()
    assert (office.state_dir / CALENDAR).is_file()


def test_run_over_some_accounts_leaves_the_calendar_of_all(office: Office) -> None:
    """Issue 6, item 6: who subscribes to the file does not lose what a run did not look at."""
    document = follow(office, accounts=frozenset({"studio"}))
    assert document["exit_code"] == 0
    assert (office.state_dir / "runs" / document["run_id"] / PAGE).is_file()
    assert not (office.state_dir / CALENDAR).exists()
