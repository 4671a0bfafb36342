"""The page fixtures of the QA plugin on a recording: `--pec-recording DIR`, offline."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pytest

from pec_autorenew.qa.replaying import RecordedKit
from pec_autorenew.qa.setting import require_sound_options
from tests.qa import suite

if TYPE_CHECKING:
    from pec_autorenew.pages.finding import Screen

KEPT: Final = Path(__file__).parents[1] / "recordings"
_SUITE: Final = """
import pytest


def test_cart(gestione_caselle, visitor):
    rows = gestione_caselle.read_rows(visitor.wanted.all_addresses)
    assert [row.address for row in rows] == [visitor.wanted.mailboxes[0].address]
    assert visitor.trail == ["Gestione caselle PEC"]


def test_list_and_orders(caselle, visitor):
    assert {box.address.partition("@")[2] for box in caselle.read_mailboxes()} == {"pec.example"}
    assert visitor.pages.ordini.read_orders()


@pytest.mark.parametrize("name", ["login", "home", "ordini", "dati_intestatario", "modulo_ordine"])
def test_page(request, name, visitor):
    page = request.getfixturevalue(name)
    assert page.screen.outline()
    assert visitor.session.page.url.startswith("https://portale.example/")


def test_no_kit_here(kit_firma):
    assert False


def test_nothing_else_is_reached(visitor):
    visitor.form()
    page = visitor.session.page
    page.evaluate("fetch('/elsewhere').catch(() => 0)")
    page.evaluate("fetch('/elsewhere', {method: 'POST', body: 'x'}).catch(() => 0)")
    assert visitor.replay.aborted == [f"{verb} https://portale.example/elsewhere" for verb in ("GET", "POST")]
    visitor.list()  # the lock of «Modulo Ordine» does not let it out either


def test_no_order(visitor):
    visitor.order()


@pytest.mark.pec_orders
def test_orders(conferma):
    assert False
"""


def run(tmp_path: Path, *options: str) -> tuple[int, str]:
    """Run the suite with the plugin in a process of its own; return its exit code and what it said."""
    (tmp_path / "test_portal.py").write_text(_SUITE, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
    done = subprocess.run(  # noqa: S603 - pytest
        [*command, "test_portal.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=110
    )
    return done.returncode, done.stdout + done.stderr


def test_page_fixtures_stand_on_the_recorded_pages(tmp_path: Path) -> None:
    """QA kit: reads work, a page that was not recorded is skipped, nothing is ordered, no request leaves."""
    code, said = run(tmp_path, "--pec-recording", str(KEPT / "components"))
    assert code == 0, said
    assert re.search(r"8 passed, 3 skipped", said), said
    assert "needs a portal that answers" in said
    assert "names no portal" in said


class Said:
    """The options of a run."""

    def __init__(self, **options: object) -> None:
        """Take what was said."""
        self._options = options

    def getoption(self, name: str) -> object:
        """Return what was said, or the default."""
        key = name.removeprefix("--pec-").replace("-", "_")
        return self._options.get(key, {"base_url": "", "timeout": 0.0}.get(key, []))


@pytest.mark.skipif(not os.environ.get("PEC_EVERY_LAYOUT"), reason="the whole example suite: for make torture")
def test_example_suite_runs_on_a_recording(tmp_path: Path) -> None:
    """Issue 8, part 5: what a page shows is tested offline; what needs a portal that answers is skipped."""
    told = suite.run(
        suite.EXAMPLES,
        tmp_path / "report.xml",
        f"--pec-recording={KEPT / 'components'}",
        f"--pec-baselines={tmp_path / 'baselines'}",
        "--pec-update-baselines",
    )
    outcomes = list(told.outcomes().values())
    assert set(outcomes) == {"passed", "skipped"}, told.output
    assert outcomes.count("passed") > 15
    assert list((tmp_path / "baselines" / "recording-components").iterdir())


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    """A wrong folder, another format, or a portal named besides: a usage error, and nothing runs."""
    kept, other = str(KEPT / "components"), tmp_path / "other"
    shutil.copytree(kept, other)
    manifest = json.loads((other / "manifest.json").read_text("utf-8"))
    (other / "manifest.json").write_text(json.dumps(manifest | {"schema": "pec-autorenew/recording/99"}), "utf-8")
    require_sound_options(cast("pytest.Config", Said(recording=[kept])))
    for options, words in (
        ({"recording": [str(tmp_path)]}, "is no recording"),
        ({"recording": [str(other)]}, "another format"),
        ({"recording": [kept], "scenario": ["single"]}, "in a portal's place"),
        ({"recording": [kept], "base_url": "http://127.0.0.1:9"}, "in a portal's place"),
    ):
        with pytest.raises(pytest.UsageError, match=words):
            require_sound_options(cast("pytest.Config", Said(**options)))


def test_choice_that_the_portal_draws_is_not_made_on_a_recording() -> None:
    """QA kit: a drawn choice stays as it was recorded, so refusing the kit proves nothing there, and is skipped."""
    with pytest.raises(pytest.skip.Exception, match="needs a portal that answers"):
        RecordedKit(cast("Screen", None)).refuse()
