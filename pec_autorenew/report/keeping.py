"""Evidence is kept for a time and up to a size; a run's report for that time; the ledger for ever."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path

_RUN: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)Z-[0-9a-f]{4}")
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was deleted, and what was left for a person."""

    runs: int = 0
    bytes: int = 0
    #: Names among the runs that are none of ours.
    strange: tuple[str, ...] = ()


def prune(runs: Path, own: str, now: datetime, keep: timedelta, most_mb: int) -> Pruned:
    """Delete what is older than `keep`, then the oldest evidence while all of it is larger than `most_mb`.

    Never the run's own, nor a later one's; never a folder that no run made; and where a link leads, nothing is touched.
    A run's age is that of its name: neither a copy nor a restored backup makes it younger. Raises OSError.
    """
    strange, known = [], []
    for entry in _entries(runs):
        began = _began(entry)
        if began is None:
            strange.append(entry.name)
        elif entry.name < own:
            known.append((began, entry))
    known.sort(key=lambda one: one[1].name)
    old = [entry for began, entry in known if now - began > keep]
    freed = sum(_remove(entry) for entry in old)
    rest = [(entry, evidence) for _, entry in known[len(old) :] if (evidence := _evidence(entry))]
    sizes = [sum(map(_size, evidence)) for _, evidence in rest]
    total, taken = sum(sizes), 0
    for (_, evidence), size in zip(rest, sizes, strict=True):
        if total <= most_mb * _MEGABYTE:
            break
        freed += sum(map(_remove, evidence))
        total, taken = total - size, taken + 1
    return Pruned(len(old) + taken, freed, tuple(sorted(strange)))


def _began(entry: os.DirEntry[str]) -> datetime | None:
    """Return when the run of this folder began; None for what is no run's folder."""
    match = _RUN.fullmatch(entry.name)
    if match is None or not entry.is_dir(follow_symlinks=False):
        return None
    try:
        return datetime.strptime(match[1], "%Y-%m-%dT%H-%M-%S").replace(tzinfo=UTC)
    except ValueError:  # such as a thirteenth month
        return None


def _entries(folder: str | os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            yield from found
    except FileNotFoundError:
        return  # no run has left anything yet, or another process deletes it, too


def _evidence(run: os.DirEntry[str]) -> list[os.DirEntry[str]]:
    """Return what a run's folder holds besides its reports: pictures and what lies beside them, in folders."""
    return [entry for entry in _entries(run) if not entry.is_file(follow_symlinks=False)]


def _size(entry: os.DirEntry[str]) -> int:
    if entry.is_dir(follow_symlinks=False):
        return sum(map(_size, _entries(entry)))
    return entry.stat(follow_symlinks=False).st_size


def _remove(entry: os.DirEntry[str]) -> int:
    """Delete a folder, or a link instead of what it leads to; return how much that freed."""
    size = _size(entry)
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path)
    else:
        os.unlink(entry.path)  # noqa: PTH108 - what was found, whatever it is
    return size
