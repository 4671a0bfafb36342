"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pec_autorenew.config import Config

F = TypeVar("F", bound=Callable[..., Any])


def common(function: F) -> F:
    """Add the options for all commands; they may stand before the command as well as after it."""
    for option in (
        click.option("--log-json", is_flag=True, help="Write progress to stderr as JSON lines."),
        click.option("-v", "--verbose", is_flag=True, help="Say more."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is wrong or changed."),
        click.option(
            "-c",
            "--config",
            "config_path",
            type=click.Path(dir_okay=False, path_type=Path),
            help="The configuration file (else $PEC_AUTORENEW_CONFIG, else the user's configuration folder).",
        ),
    ):
        function = option(function)
    return function


def narrowing(function: F) -> F:
    """Add the options that say which accounts and mailboxes a command is about."""
    for option in (
        click.option("--client", "clients", multiple=True, metavar="C", help="Only accounts with this client label."),
        click.option("--mailbox", "mailboxes", multiple=True, metavar="M", help="Only this mailbox."),
        click.option("--account", "accounts", multiple=True, metavar="A", help="Only this account."),
    ):
        function = option(function)
    return function


def said(context: click.Context, name: str) -> Any:  # noqa: ANN401 - as the option's own type
    """Return what was said for a common option, at the command or before it."""
    value = context.params.get(name)
    if value or context.parent is None:
        return value
    return said(context.parent, name)


class Euro(click.ParamType[Decimal]):
    """An amount in euro: 200, 200.00 or 200,00."""

    name = "EUR"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Return the amount; more than two decimals, a sign or a currency are usage errors."""
        if isinstance(value, Decimal):
            return value
        text = str(value).replace(",", ".")
        if not re.fullmatch(r"\d+(\.\d{1,2})?", text):
            self.fail(f"{value!r} is not an amount in euro", param, ctx)
        try:
            return Decimal(text)
        except InvalidOperation:
            self.fail(f"{value!r} is not an amount in euro", param, ctx)


def chosen_accounts(config: Config, accounts: Iterable[str], clients: Iterable[str]) -> frozenset[str]:
    """Return the names of the chosen accounts, empty for all; an unknown name is a usage error."""
    known = {account.name for account in config.accounts}
    labels = {account.client for account in config.accounts if account.client}
    for wanted, there, kind in ((accounts, known, "account"), (clients, labels, "client")):
        for name in wanted:
            if name not in there:
                raise click.UsageError(f"There is no {kind} {name!r}; known: {', '.join(sorted(there)) or 'none'}.")
    by_label = {account.name for account in config.accounts if account.client in set(clients)}
    return frozenset(accounts) | frozenset(by_label)
