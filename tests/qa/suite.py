"""Runs suites of the QA kit as their users do, in a process of their own, and reads what pytest reports of them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "examples" / "qa"
LONGEST_S: Final = 600


@dataclass(frozen=True, slots=True)
class Case:
    """What became of one test."""

    name: str
    #: passed, failed, error or skipped.
    outcome: str
    #: What pytest says of it, with notes.
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a run."""

    code: int
    output: str
    cases: Mapping[str, Case]

    def outcomes(self) -> dict[str, str]:
        """Return the outcome of each test."""
        return {name: case.outcome for name, case in self.cases.items()}


def run(folder: Path, report: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> Report:
    """Run pytest in `folder`; tests are named as pytest names them, without their file."""
    done = subprocess.run(  # noqa: S603 - this test's own Python
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=short"),
            *(f"--junitxml={report}", "--output", str(report.parent / "artifacts"), *arguments),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )
    cases: dict[str, Case] = {}
    for element in ET.parse(report).iter("testcase") if report.exists() else ():  # noqa: S314 - pytest's own
        case = _case(element)
        if cases.get(case.name, case).outcome in {"passed", case.outcome}:
            cases[case.name] = case
    return Report(done.returncode, done.stdout + done.stderr, cases)


def _case(element: ET.Element) -> Case:
    name = element.attrib["name"]
    for tag, outcome in (("error", "error"), ("failure", "failed"), ("skipped", "skipped")):
        found = element.find(tag)
        if found is not None:
            return Case(name, outcome, f"{found.attrib.get('message', '')}\n{found.text or ''}")
    return Case(name, "passed", "")
