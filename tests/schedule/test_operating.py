"""docs/operating.md: each command in it is one that the shell, and this program, can read."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from pec_autorenew import results
from pec_autorenew.cli import cli

TEXT: Final = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
BLOCKS: Final = re.findall(r"^```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
OURS: Final = re.findall(
    r"(?:^|/|\s)(?:run --rm(?: -T)? )?pec-autorenew ((?:-c|schedule|config|list|history|show|renew).*?)$",
    "\n".join(BLOCKS),
    re.MULTILINE,
)


@pytest.mark.parametrize("block", BLOCKS)
def test_block_is_right_for_the_shell(block: str) -> None:
    """Whoever copies it gets no syntax error."""
    done = subprocess.run(["/bin/sh", "-n"], input=block, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_of_ours_is_found() -> None:
    """The next test sees them all."""
    assert len(OURS) >= 10


@pytest.mark.parametrize("command", OURS)
def test_command_of_ours_has_no_unknown_word(command: str) -> None:
    """Commands and options exist; what they are given is not looked at."""
    ended = CliRunner().invoke(cli, [*command.split(), "--help"])
    assert ended.exit_code == 0, ended.output


def test_configuration_in_the_text_is_right() -> None:
    """The two tables are TOML, and the secret is a reference."""
    (block,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    tables = tomllib.loads(block)
    assert tables["accounts"][0]["password"] == {"credential": tables["accounts"][0]["name"]}


def test_table_of_exit_codes_has_every_code() -> None:
    """A code that nobody explains is no code."""
    rows = re.findall(r"^\| ([0-9 ]+) \|", TEXT, re.MULTILINE)
    told = {int(code) for row in rows for code in row.split()}
    assert told == {results.OK, *results.WORST_FIRST}  # what is missing, 2, is a slip of the keyboard
