"""docs/mock-portal.md says what `renew` makes of every scenario and fault: so it is."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from pec_autorenew.mock_portal import KINDS

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.faults.scene import Scene

#: In `make test` one fault of so many is run, by its name; in `make torture` each one, on each layout.
_ONE_OF = 9

#: What becomes of «single» where nothing goes wrong.
ORDERED = ("`awaiting-payment` `ordered`", "0")
#: The steps for which the layout of 2024 asks the portal for nothing.
DRAWN_IN_THE_BROWSER = {"home", "kit", "holder", "form"}
_ROW = re.compile(r"^\| `([\w-]+)` \| [^|]+ \| [^|]+ \| ([^|]+) \| (\d+) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """Return what the document says of each fault: outcome with reason, and the exit code."""
    text = (Path(__file__).parents[2] / "docs" / "mock-portal.md").read_text("utf-8")
    return {name: (told.strip(), code) for name, told, code in _ROW.findall(text)}


def test_table_tells_the_outcome_of_every_fault() -> None:
    """One row each, by the names that the code has."""
    assert list(documented()) == list(KINDS)


def taken() -> list[str]:
    """Return the faults that are run."""
    return [name for name in KINDS if os.environ.get("PEC_EVERY_LAYOUT") or crc32(name.encode()) % _ONE_OF == 0]


@pytest.mark.one_layout
@pytest.mark.parametrize("fault", taken())
def test_renew_makes_of_a_fault_what_the_table_says(scene: Scene, layout: Layout, fault: str) -> None:
    """A test bench tells beforehand what to expect: outcome, reason and exit code of one `renew` of «single»."""
    scene.tables = {"sign_in": {"wait_human": "10 s"}}
    scene.begin(fault, layout=layout)
    said = scene.run()
    told = "; ".join(f"`{outcome}` `{reason}`" for outcome, reason in said.values()) or "nothing"
    undrawn = layout == "g4" and KINDS[fault].step in DRAWN_IN_THE_BROWSER  # nothing strikes where nothing is asked
    expected = ORDERED if undrawn else documented()[fault]
    assert (told, str(max(scene.codes))) == expected
