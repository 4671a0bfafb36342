"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pec_autorenew.config import Config

F = TypeVar("F", bound=Callable[..., Any])

_COMMON: Final = (
    click.option(
        "-c",
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        help="The configuration file, or a directory of them (else $PEC_AUTORENEW_CONFIG, else the user's own folder).",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is wrong or changed."),
    click.option("-v", "--verbose", is_flag=True, help="Say more."),
    click.option("--log-json", is_flag=True, help="Write progress to stderr as JSON lines."),
)
_JSON: Final = (click.option("--json", "as_json", is_flag=True, help="Print one JSON document to stdout."),)
_NARROWING: Final = (
    click.option("--account", "accounts", multiple=True, metavar="A", help="Only this account."),
    click.option("--mailbox", "mailboxes", multiple=True, metavar="M", help="Only this mailbox."),
    click.option("--client", "clients", multiple=True, metavar="C", help="Only accounts with this client label."),
)

#: Not the mock's own list, which would be loaded for `--help`; a test holds the two together.
layout_option: Final = click.option(
    "--layout", type=click.Choice(["g2", "g3", "g4"]), default="g2", show_default=True, help="Generation of the flow."
)

#: So many names are listed where one is not known.
_MOST_TOLD: Final = 20
_COMMON_NAMES: Final = ("config_path", "quiet", "verbose", "log_json")
_SHARED_NAMES: Final = ("as_json", "accounts", "mailboxes", "clients")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said by the options that commands share."""

    config_path: Path | None
    quiet: bool
    verbose: bool
    log_json: bool
    as_json: bool = False
    accounts: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()

    def config(self, overrides: Mapping[str, Any] | None = None) -> Config:
        """Return the configuration that is meant."""
        from pec_autorenew.config import load_config

        return load_config(self.config_path, overrides)

    def chosen_accounts(self, config: Config) -> frozenset[str]:
        """Return the names of the chosen accounts, empty for all; an unknown name is a usage error."""
        known = {account.name for account in config.accounts}
        labels = {account.client for account in config.accounts if account.client}
        require_known("account", self.accounts, known)
        require_known("client", self.clients, labels)
        if not self.clients:
            return frozenset(self.accounts)
        chosen = frozenset(one.name for one in config.accounts if one.client in self.clients)
        if self.accounts and not chosen & frozenset(self.accounts):
            raise click.UsageError("--account and --client have no account in common.")
        return chosen & frozenset(self.accounts) if self.accounts else chosen

    def chosen_mailboxes(self) -> frozenset[str]:
        """Return the folded addresses of the chosen mailboxes, empty for all."""
        from pec_autorenew.model import fold_address

        return frozenset(map(fold_address, self.mailboxes))


def common(function: F) -> F:
    """Add the options for all commands; they may stand before the command as well as after it."""
    return _with(_COMMON, function)


def asking(
    *, as_json: bool = False, narrowing: bool = False, several: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options that commands share, and hand what they said to the command as one `Asked`.

    Stands nearest to the function, below the options of its own. `several`: a directory of configurations will do.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @click.pass_context
        @functools.wraps(function)
        def command(context: click.Context, /, **own: Any) -> None:  # noqa: ANN401 - options of any type
            common = {name: own.pop(name) or _said_before(context, name) for name in _COMMON_NAMES}
            shared = {name: own.pop(name) for name in _SHARED_NAMES if name in own}
            asked = Asked(**common, **shared)
            folder = asked.config_path or Path(os.environ.get("PEC_AUTORENEW_CONFIG") or os.devnull)
            if not folder.is_dir():
                function(asked, **own)
            elif several:
                from pec_autorenew.cli.several import Several

                Several(context.info_name or "", function, asked, own).run(folder)
            else:
                raise click.UsageError(
                    f"{folder} is a directory, and this command is for one configuration: name its file."
                )

        return _with((*(_JSON if as_json else ()), *(_NARROWING if narrowing else ()), *_COMMON), command)

    return decorate


def go_together(context: str, first: object, second: object) -> None:
    """Refuse one of two options that are nothing without each other."""
    if bool(first) != bool(second):
        raise click.UsageError(f"{context} go together: give both or neither.")


class Euro(click.ParamType[Decimal]):
    """An amount in euro: 200, 200.00 or 200,00."""

    name = "EUR"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Return the amount; more than two decimals, a sign or a currency are usage errors."""
        text = str(value).replace(",", ".")
        if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text):
            self.fail(f"{value!r} is not an amount in euro: write it as 200, 200.00 or 200,00.", param, ctx)
        return Decimal(text)


class Instant(click.ParamType[datetime]):
    """An instant with its offset from UTC."""

    name = "INSTANT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant; one without an offset is nobody's, and a usage error."""
        try:
            instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self.fail(f"{value!r} is no instant: write it as 2026-12-01T08:00:00+01:00.", param, ctx)
        return instant


class Day(click.ParamType[date]):
    """A day of the calendar."""

    name = "DAY"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day; anything but year, month and day in figures is a usage error."""
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-12-31.", param, ctx)


def _with(options: Iterable[Callable[[Any], Any]], function: F) -> F:
    for option in reversed(tuple(options)):
        function = option(function)
    return function


def _said_before(context: click.Context, name: str) -> Any:  # noqa: ANN401 - as the option's own type
    """Return what was said for a common option before the command, or nothing."""
    parents = (context.parent, context.parent.parent if context.parent else None)
    return next((value for one in parents if one and (value := one.params.get(name))), None)


def require_known(kind: str, wanted: Iterable[str], known: Collection[str]) -> None:
    """Refuse a name that nobody knows; of many that are known, the nearest are told."""
    for name in wanted:
        if name not in known:
            told, said = sorted(known), "known"
            if len(told) > _MOST_TOLD:
                from difflib import get_close_matches

                told, said = get_close_matches(name, told, 5), f"of {len(told)} the nearest"
            raise click.UsageError(f"There is no {kind} {name!r}; {said}: {', '.join(told) or 'none'}.")
