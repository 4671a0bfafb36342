"""The documents hold together: links lead somewhere, and the facts that code cites exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pec_autorenew.mock_portal import KINDS, SCENARIOS, STEPS, MockPortal
from pec_autorenew.mock_portal.control import Control

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)?(?:#([^)\s]+))?\)")
_PATH = re.compile(r"`((?:tests|pec_autorenew|scripts|examples|bench|docs)/[a-z0-9_./-]+)`")
_FACT = re.compile(r"\bPF-[A-Z0-9]+(?:-[A-Z0-9]+)*\b")


def anchors(text: str) -> set[str]:
    """Return the anchors that a document's headings make."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    """A reader who follows a link arrives."""
    dead = []
    for target, anchor in _LINK.findall(path.read_text("utf-8")):
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
            dead.append(f"{target}#{anchor}")
    assert not dead


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_a_document_names_are_there(path: Path) -> None:
    """A test that proves something, or a file to look into, is where the document says."""
    assert [name for name in _PATH.findall(path.read_text("utf-8")) if not (ROOT / name).exists()] == []


def test_portal_facts_cited_in_code_exist() -> None:
    """A docstring that cites a fact of the portal cites one that stands in the table, once."""
    defined = re.findall(r"^\| (PF-[A-Z0-9-]+) \|", (ROOT / "docs/portal-facts.md").read_text("utf-8"), re.MULTILINE)
    assert len(defined) == len(set(defined))
    cited = {
        fact
        for path in [*(ROOT / "pec_autorenew").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *DOCUMENTS]
        for fact in _FACT.findall(path.read_text("utf-8"))
    }
    assert cited <= set(defined)


def test_decisions_are_numbered_and_listed() -> None:
    """Each decision has a number, the three parts, and a line in the list."""
    folder = ROOT / "docs" / "decisions"
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    listed = (folder / "README.md").read_text("utf-8")
    for path in records:
        text = path.read_text("utf-8")
        assert f"({path.name})" in listed
        assert re.findall(r"^## (.+)$", text, re.MULTILINE)[:3] == ["Context", "Decision", "Consequences"], path.name


def test_mock_portal_s_document_has_every_scenario_and_fault() -> None:
    """Whoever reads which faults there are reads of each one, with its step; and of every call that steers it."""
    text = (ROOT / "docs" / "mock-portal.md").read_text("utf-8")
    rows = {
        tuple(cell.strip().strip("`") for cell in line.split("|")[1:-1]) for line in text.splitlines() if "|" in line
    }
    assert {(name, (start.__doc__ or "").strip()) for name, start in SCENARIOS.items()} <= {row[:2] for row in rows}
    assert {(one.name, one.text, one.step or "–") for one in KINDS.values()} <= {row[:3] for row in rows}
    assert all(f"`{step}`" in text for step in STEPS)
    calls = {call for row in rows for call in re.findall(r"/[a-z]+(?:/[A-Za-z]+)*", row[0])}
    with MockPortal() as portal:
        paths = [one.path for one in Control(portal).routes()]
    assert calls | {"/truth"} == {re.sub(r"\{(?:user)?(\w+)\}", lambda found: found[1].upper(), one) for one in paths}
