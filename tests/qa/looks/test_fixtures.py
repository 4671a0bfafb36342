"""The fixtures and options as their users meet them: pytest in an environment of its own, on the mock portal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.qa import looks
from pec_autorenew.qa.barriers import Accepted

if TYPE_CHECKING:
    import pytest

_TESTS: Final = """\
def test_home(aria_baseline):
    aria_baseline.check("home", "- button \\"Gestisci\\"\\n")

def test_login(login, aria_baseline, accessibility):
    aria_baseline(login)
    accessibility(login)
"""
#: The newest layout, into a folder of one's own.
_PORTAL: Final = ("--pec-scenario", "demo", "--pec-layout", "g4", "--pec-baselines", "kept")


def run(folder: Path, test: str, *options: str) -> tuple[int, str]:
    """Run one test in a folder of its own, and return exit code and output."""
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    (folder / "pytest.ini").touch()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)  # noqa: S603 - ours
    return done.returncode, done.stdout + done.stderr


def test_option_writes_baselines_and_the_next_run_compares(tmp_path: Path) -> None:
    """Issue 8, 2: one file for each page and layout where an option says, written by another, compared without it."""
    code, said = run(tmp_path, _TESTS, *_PORTAL, "--pec-update-baselines")
    assert code == 0, said
    assert "/home.yaml: new" in said
    kept = {path.relative_to(tmp_path / "kept").as_posix() for path in tmp_path.rglob("*.yaml")}
    assert kept == {"mock-demo-g4/home.yaml", "mock-demo-g4/login.yaml"}
    code, said = run(tmp_path, _TESTS.replace("Gestisci", "Vai"), *_PORTAL)
    assert code == 1
    assert "1 failed, 1 passed" in said
    assert "button «Gestisci» is renamed to «Vai» (the documented home.manage)" in said


def test_baselines_stand_beside_the_test_without_the_option(request: pytest.FixtureRequest) -> None:
    """Issue 8, 2: in `baselines`, where the test's file is."""
    folder = looks.pec_baselines.__wrapped__(request, None)  # type: ignore[attr-defined]
    assert folder == Path(__file__).parent / "baselines" / "pages"


def test_folder_is_named_after_the_portal() -> None:
    """A portal's host and port, or the mock's scenario and layout: the same while the mock is changed."""
    assert looks._portal(("demo+renamed-button", "g2"), "") == "mock-demo-g2"
    assert looks._portal(None, "https://u@prova.pec.example:8443/area/") == "prova.pec.example_8443"
    assert looks._portal(Path("kept/components"), "") == "recording-components"
    assert looks._portal(None, "") == "pages"


def test_personal_words_and_accepted_ones_come_from_fixture_and_file(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """SEC-4: what a suite says is personal is masked; a line in the portal's folder accepts a barrier."""
    (tmp_path / "accepted.txt").write_text("* label\n", encoding="utf-8")
    accessibility = looks.accessibility.__wrapped__(request, tmp_path, None)  # type: ignore[attr-defined]
    assert accessibility.accepted == (Accepted("*", "label"),)
    baselines = looks.aria_baseline.__wrapped__(request, tmp_path, frozenset({"Mirto"}), {})  # type: ignore[attr-defined]
    assert baselines.personal == {"Mirto"}
