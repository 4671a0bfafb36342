"""`--account` and `--client`: which accounts are meant."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from pec_autorenew.cli.options import Asked, require_known
from pec_autorenew.config.settings import Config, Layer

ACCOUNTS = [
    {"name": name, "username": name, "password": {"env": "UNUSED"}, "client": client}
    for name, client in (("a", "Rossi"), ("b", "Rossi"), ("c", "Verdi"), ("d", ""))
]


def chosen(accounts: tuple[str, ...] = (), clients: tuple[str, ...] = ()) -> set[str]:
    """Return the accounts that these options mean."""
    config = Config.from_layers((Layer("file", {"accounts": ACCOUNTS}),))
    asked = Asked(Path("unused"), quiet=False, verbose=False, log_json=False, accounts=accounts, clients=clients)
    return set(asked.chosen_accounts(config))


def test_accounts_and_clients_narrow_together() -> None:
    """INTERFACE: each option may be repeated, and both together mean what both mean; none of them means all."""
    assert chosen() == set()
    assert chosen(("a", "d")) == {"a", "d"}
    assert chosen((), ("Rossi", "Verdi")) == {"a", "b", "c"}
    assert chosen(("a", "c", "d"), ("Rossi",)) == {"a"}


@pytest.mark.parametrize(
    ("accounts", "clients", "message"),
    [
        (("x",), (), "There is no account 'x'; known: a, b, c, d."),
        ((), ("rossi",), "There is no client 'rossi'; known: Rossi, Verdi."),
        ((), ("",), "There is no client ''"),
        (("d",), ("Rossi",), "--account and --client have no account in common."),
    ],
)
def test_names_that_mean_nothing_are_refused(accounts: tuple[str, ...], clients: tuple[str, ...], message: str) -> None:
    """INTERFACE: an unknown name is an error; what means no account never means all."""
    with pytest.raises(click.UsageError) as caught:
        chosen(accounts, clients)
    assert caught.value.message.startswith(message)


def test_unknown_name_among_thousands_is_told_with_the_nearest() -> None:
    """A message that lists thousands of names is none."""
    with pytest.raises(click.UsageError) as caught:
        require_known("account", ["cliente-77x"], [f"cliente-{number}" for number in range(5000)])
    assert "of 5000 the nearest: cliente-77" in caught.value.message
    assert len(caught.value.message) < 150
