"""Evidence goes by age and by size, the oldest first; nothing else does."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.report.keeping import Pruned, prune

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
MB = 1_000_000


def run(runs: Path, days: float, size: int = 0) -> Path:
    """Make a run's folder of so many days ago, with evidence of this size."""
    folder = runs / f"{NOW - timedelta(days=days):%Y-%m-%dT%H-%M-%S}Z-00aa"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text("{}", encoding="utf-8")
    if size:
        evidence = folder / "studio-01-unexpected-page"
        evidence.mkdir()
        with (evidence / "page.png").open("wb") as file:
            file.truncate(size)
    return folder


def evidence_of(folder: Path) -> list[str]:
    """Return what there is of a run."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


BOTH = ["report.json", "studio-01-unexpected-page/page.png"]


def test_what_is_older_than_its_time_goes_with_its_report(tmp_path: Path) -> None:
    """Issue 6, item 10: by the name, which says when the run began, not by the file's own time."""
    old, young, own = run(tmp_path, 11, MB), run(tmp_path, 9, MB), run(tmp_path, 0, MB)
    os.utime(old / "report.json")
    os.utime(young, (0, 0))
    assert prune(tmp_path, own.name, NOW, timedelta(days=10), 2000) == Pruned(1, MB + 2)
    assert [old.exists(), evidence_of(young), evidence_of(own)] == [False, BOTH, BOTH]


def test_the_oldest_evidence_goes_while_there_is_too_much_and_reports_stay(tmp_path: Path) -> None:
    """Item 10: as much as is needed, and no more."""
    first, second, third, own = (run(tmp_path, days, 4 * MB) for days in (3, 2, 1, 0))
    assert prune(tmp_path, own.name, NOW, timedelta(days=10), 8) == Pruned(1, 4 * MB)
    assert [evidence_of(one) for one in (first, second, third, own)] == [["report.json"], BOTH, BOTH, BOTH]
    assert prune(tmp_path, own.name, NOW, timedelta(days=10), 8) == Pruned()


def test_nothing_is_kept_but_this_run_s_and_a_later_one_s_where_nothing_is_allowed(tmp_path: Path) -> None:
    """Item 10: 0 is 0; what a run that has begun meanwhile keeps is its own business."""
    before, own, later = run(tmp_path, 1, 1), run(tmp_path, 0, MB), run(tmp_path, -1, MB)
    prune(tmp_path, own.name, NOW, timedelta(days=10), 0)
    assert [evidence_of(one) for one in (before, own, later)] == [["report.json"], BOTH, BOTH]
    prune(tmp_path, own.name, NOW, timedelta(0), 0)
    assert [before.exists(), evidence_of(own), evidence_of(later)] == [False, BOTH, BOTH]


def test_where_a_link_leads_nothing_is_deleted(tmp_path: Path) -> None:
    """Item 10: neither through a run's folder, nor through what lies in it."""
    runs, outside = tmp_path / "runs", tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_text("x" * 100, encoding="utf-8")
    old, young, own = run(runs, 20, 10), run(runs, 5, 10), run(runs, 0)
    (old / "studio-01-unexpected-page" / "link").symlink_to(outside)
    (young / "link").symlink_to(outside)
    linked = runs / "2020-01-01T00-00-00Z-00aa"
    linked.symlink_to(outside)
    pruned = prune(runs, own.name, NOW, timedelta(days=10), 0)
    assert [old.exists(), evidence_of(young), os.path.lexists(young / "link")] == [False, ["report.json"], False]
    assert (outside / "mine").read_text("utf-8") == "x" * 100
    assert pruned.strange == (linked.name,)
    assert linked.is_symlink()


@pytest.mark.parametrize("name", ["notes", "2020-13-01T00-00-00Z-00aa", "2020-01-01T00-00-00Z-00aa.bak", "a\nb"])
def test_what_is_no_run_s_stays_and_is_named(tmp_path: Path, name: str) -> None:
    """Item 10: whoever put it there knows why."""
    own = run(tmp_path, 0)
    (tmp_path / name).mkdir()
    (tmp_path / "2020-01-01T00-00-00Z-00ab").write_text("a file", encoding="utf-8")
    pruned = prune(tmp_path, own.name, NOW, timedelta(0), 0)
    assert set(pruned.strange) == {name, "2020-01-01T00-00-00Z-00ab"}
    assert (tmp_path / name).is_dir()


def test_before_the_first_run_there_is_nothing_to_do(tmp_path: Path) -> None:
    """Item 10: no folder is no error."""
    assert prune(tmp_path / "runs", "own", NOW, timedelta(0), 0) == Pruned()
