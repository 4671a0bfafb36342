"""Reports are made from the ledger: each test gets an office of its own, as the engine's tests do."""

from __future__ import annotations

from tests.engine.conftest import empty_ledger, office

__all__ = ["empty_ledger", "office"]
