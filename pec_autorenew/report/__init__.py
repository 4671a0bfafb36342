"""What people and programs read about a run: made from the ledger alone."""
