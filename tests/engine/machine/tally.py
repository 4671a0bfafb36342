"""What a torture run counts, and what it must count none of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.wrongs import Wrong


@dataclass
class Tally:
    """Counts of all examples of a test."""

    examples: int = 0
    runs: int = 0
    nested: int = 0
    kills: int = 0
    faults: int = 0
    orders: int = 0
    wrongs: Counter[Wrong] = field(default_factory=Counter)

    def begin(self) -> None:
        """Count from nothing."""
        self.examples = self.runs = self.nested = self.kills = self.faults = self.orders = 0
        self.wrongs.clear()

    def in_words(self) -> str:
        """Return the summary's line."""
        done = (
            f"{self.examples} portals, {self.runs} runs ({self.nested} in the middle of another), {self.kills} kills, "
            f"{self.faults} faults, {self.orders} orders"
        )
        return f"{done}: " + ", ".join(f"{self.wrongs[kind]} {kind}" for kind in Wrong)


TALLY: Final = Tally()
