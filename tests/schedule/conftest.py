"""A configuration in a folder of its own, and what would be written for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.config import load_config
from pec_autorenew.schedule.job import Job, job_for
from pec_autorenew.schedule.wanted import Credential, Wanted

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: Final = """\
[limits]
max_per_mailbox = "40.00"
max_per_run = "200.00"
max_per_month = "500.00"

[mandate]
given_by = "Prova Provetti"
given_on = 2026-11-01
accept = ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"]

[[accounts]]
name = "studio"
username = "100001@aruba.it"
password = { credential = "studio" }
"""

Write = Callable[..., "Path"]
MakeJob = Callable[..., Job]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes a configuration, with replacements."""

    def put(text: str = CONFIG, **changes: str) -> Path:
        for before, after in changes.items():
            text = text.replace(before, after)
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def job(write: Write) -> MakeJob:
    """Give a function that makes a job: of the system, under /opt and /etc, unless it is said otherwise."""

    def make(text: str = CONFIG, *, program: str = "/opt/pec/bin/pec-autorenew", **asked: object) -> Job:
        config = load_config(write(text), environ={})
        wanted = Wanted("/etc/pec-autorenew/config.toml", system=True, user="pec-autorenew")
        credentials = (Credential("studio", "/etc/credstore/pec-autorenew.studio"),)
        wanted = replace(wanted, **({"credentials": credentials} | asked))  # type: ignore[arg-type]
        made = job_for(wanted, config, "/home/anna" if not wanted.system else "/var/lib/pec-autorenew")
        return replace(made, program=(program, "-c", wanted.config), reads=(program, wanted.config))

    return make
