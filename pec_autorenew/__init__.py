"""Renews Aruba PEC mailboxes on the customer portal as a careful clerk would."""

__version__ = "0.1.0"
