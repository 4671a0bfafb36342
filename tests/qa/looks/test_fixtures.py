"""The fixtures and options as their users meet them: pytest in an environment of its own, on the mock portal."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_PLAIN: Final = """\
def test_home(aria_baseline):
    aria_baseline.check("home", "- button \\"Gestisci\\"\\n")
"""
_ON_THE_MOCK: Final = """\
def test_login(login, aria_baseline, accessibility):
    aria_baseline(login)
    accessibility(login, accept=["color-contrast"])
"""


def run(folder: Path, test: str, *options: str) -> tuple[int, str]:
    """Run one test in a folder of its own, and return exit code and output."""
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    (folder / "pytest.ini").touch()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)  # noqa: S603 - ours
    return done.returncode, done.stdout + done.stderr


def test_baselines_stand_beside_the_test_and_are_written_by_one_option(tmp_path: Path) -> None:
    """Issue 8, 2: the option writes, and says so; without it the page is compared."""
    code, said = run(tmp_path, _PLAIN, "--pec-update-baselines")
    assert code == 0
    assert f"{tmp_path / 'baselines' / 'pages' / 'home.yaml'}: new" in said
    code, said = run(tmp_path, _PLAIN.replace("Gestisci", "Vai"))
    assert code == 1
    assert "button «Gestisci» is renamed to «Vai» (the documented home.manage)" in said


def test_each_layout_of_the_mock_has_a_folder_where_the_option_says(tmp_path: Path) -> None:
    """Issue 8, 2: one file for each page and layout; the run that follows finds them as they were."""
    portal = ("--pec-scenario", "demo", "--pec-layout", "g3", "--pec-layout", "g4", "--pec-baselines", "kept")
    code, said = run(tmp_path, _ON_THE_MOCK, *portal, "--pec-update-baselines")
    assert code == 0, said
    kept = {path.relative_to(tmp_path / "kept").as_posix() for path in tmp_path.rglob("*.yaml")}
    assert kept == {"mock-demo-g3/login_username.yaml", "mock-demo-g4/login.yaml"}
    code, said = run(tmp_path, _ON_THE_MOCK, *portal)
    assert code == 0, said


def test_folder_is_named_after_the_portal() -> None:
    """A portal's host and port, or the mock's scenario and layout; whatever it is, one folder."""
    from pec_autorenew.qa.looks import _portal

    assert _portal(("demo,flags=off", "g2"), "") == "mock-demo_flags_off-g2"
    assert _portal(None, "https://u@prova.pec.example:8443/area/") == "prova.pec.example_8443"
    assert _portal(None, "") == "pages"


def test_personal_words_and_accepted_ones_come_from_fixture_and_file(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """SEC-4: what a suite says is personal is masked; a line in the portal's folder accepts a barrier."""
    from pec_autorenew.qa.barriers import Accepted

    (tmp_path / "accepted.txt").write_text("* label\n", encoding="utf-8")
    from pec_autorenew.qa import looks

    accessibility = looks.accessibility.__wrapped__(request, tmp_path)  # type: ignore[attr-defined]
    assert accessibility.accepted == (Accepted("*", "label"),)
    baselines = looks.aria_baseline.__wrapped__(request, tmp_path, frozenset({"Mirto"}), {})  # type: ignore[attr-defined]
    assert baselines.personal == {"Mirto"}
