"""Where the baselines of `check-portal` are kept: one text file for each account and page, in the state folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pec_autorenew.checks import Baseline, baseline_from, baseline_text
from pec_autorenew.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Baselines:
    """The baselines of one account."""

    folder: Path

    @classmethod
    def of(cls, state_dir: Path, account: str) -> Baselines:
        """Return the baselines of `account`."""
        return cls(state_dir / "baselines" / account)

    def read(self, page: str) -> Baseline | None:
        """Return the baseline of a page, or None where none was taken. Raises ConfigError for one that is broken."""
        path = self._path(page)
        try:
            return baseline_from(path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path} cannot be read ({error}); delete it, and take it anew") from error

    def write(self, page: str, baseline: Baseline) -> None:
        """Keep the baseline of a page, whole or not at all, readable by its owner only."""
        path = self._path(page)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(baseline_text(baseline), encoding="utf-8")
            os.replace(fresh, path)  # noqa: PTH105 - its promise is that it is one step
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error}") from error

    def _path(self, page: str) -> Path:
        return self.folder / f"{page}.yaml"
