"""docs/mock-portal.md says what `renew` makes of every scenario and fault: so it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from pec_autorenew.mock_portal import KINDS, LAYOUTS
from tests.benchtable import FAULTS

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.faults.scene import Scene

#: In `make test` one fault of so many is run, by its name; in `make torture` each one, on each layout.
_ONE_OF = 9


def taken() -> list[str]:
    """Return the faults that are run."""
    return [name for name in KINDS if os.environ.get("PEC_EVERY_LAYOUT") or crc32(name.encode()) % _ONE_OF == 0][int(os.environ.get("PEC_CHUNK", 0))::3 if "PEC_CHUNK" in os.environ else 1]


@pytest.mark.one_layout
@pytest.mark.parametrize("fault", taken())
def test_renew_makes_of_a_fault_what_the_table_says(scene: Scene, layout: Layout, fault: str) -> None:
    """A test bench tells beforehand what to expect: outcome, reason and exit code of one `renew` of «single»."""
    scene.tables = {"sign_in": {"wait_human": "10 s"}}
    scene.begin(fault, layout=layout)
    said = scene.run()
    told = "; ".join(f"`{outcome}` `{reason}`" for outcome, reason in said.values()) or "nothing"
    if os.environ.get("PEC_PRINT_TABLE"):
        print(f"ROW {fault} {layout} | {told} | {scene.codes}")
        return
    assert (told, str(max(scene.codes))) == FAULTS[fault]
