"""The words of `doctor`: what is looked at, in which surroundings, and what was found."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.results import NOT_FIT, OK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from pec_autorenew.config import Config

DOCTOR: Final = "pec-autorenew/doctor/1"


class Result(StrEnum):
    """What came of a look."""

    OK = "ok"
    #: A run works, and somebody should know.
    WARNING = "warning"
    #: A run does not work, or is not safe.
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; no secret ever gets here."""

    result: Result
    message: str
    #: What to do about it.
    advice: str = ""
    #: What of the check it is about; "" for the whole.
    about: str = ""


def free_bytes(folder: Path) -> int:
    """Return how much may still be written where the folder is."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is to be looked at."""

    config: Config
    #: Where the configuration was found, in words.
    source: str
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    #: Whether `clock` is a test's.
    pretended_clock: bool = False
    free: Callable[[Path], int] = free_bytes


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at."""

    name: str
    does: str
    look: Callable[[Surroundings], Iterable[Finding]]


def ok(message: str, about: str = "") -> Finding:
    """Return that something is as it should be."""
    return Finding(Result.OK, message, about=about)


def warning(message: str, advice: str = "", about: str = "") -> Finding:
    """Return that somebody should know of something."""
    return Finding(Result.WARNING, message, advice, about)


def defect(message: str, advice: str = "", about: str = "") -> Finding:
    """Return that something is in the way of a run."""
    return Finding(Result.DEFECT, message, advice, about)


def document_of(findings: Sequence[tuple[Check, Finding]], *, as_service: bool = False) -> dict[str, Any]:
    """Return the JSON document of what was found."""
    lines = [
        {
            "check": check.name,
            "about": finding.about or None,
            "does": check.does,
            "result": finding.result.value,
            "message": finding.message,
            "advice": finding.advice or None,
        }
        for check, finding in findings
    ]
    return counted({"schema": DOCTOR, "as_service": as_service}, lines)


def counted(head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document with these lines: how many defects and warnings they are, and the exit code that follows."""
    results = [line["result"] for line in lines]
    defects = results.count(Result.DEFECT.value)
    return {
        **head,
        "exit_code": NOT_FIT if defects else OK,
        "defects": defects,
        "warnings": results.count(Result.WARNING.value),
        "checks": list(lines),
    }
