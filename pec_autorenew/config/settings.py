"""The whole configuration, made of layers: command line, environment, file, and the defaults of the models.

Annotations are evaluated at run time here, by pydantic.
"""

from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import platformdirs
from pydantic import Field, PrivateAttr
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from pec_autorenew.config.models import (
    Account,
    Billing,
    Browser,
    Client,
    Hooks,
    Ledger,
    Limits,
    MailboxSettings,
    Monitoring,
    Notify,
    OptionalMandate,
    Overrides,
    Renewal,
    SignIn,
    Worker,
)
from pec_autorenew.config.portal import Portal
from pec_autorenew.config.values import PathText, SecretPattern
from pec_autorenew.errors import ConfigError
from pec_autorenew.model import InvoiceIdentifier, PaymentMethod

APPLICATION: Final = "pec-autorenew"

LevelT = TypeVar("LevelT", Renewal, Account, MailboxSettings)


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source said, as nested tables; the first layer that says something wins."""

    #: "command line", "environment" or "file".
    origin: str
    tree: dict[str, Any]

    def says(self, path: tuple[str, ...]) -> bool:
        """Whether this source gave a value at, or somewhere below, `path`."""
        node: object = self.tree
        for key in path:
            if isinstance(node, Mapping) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the values come from."""

    layers: tuple[Layer, ...] = ()
    #: For each account, how to name its place: «accounts.0», or a line of the accounts file.
    places: tuple[str, ...] = ()
    #: How many accounts come before those of the accounts file.
    inline: int = 0
    #: Tells one state of the accounts file from another; "" where there is none.
    sha256: str = ""

    def place_of(self, number: int) -> str:
        """Name the place of an account, by its number."""
        return self.places[number] if number < len(self.places) else f"accounts.{number}"

    def of(self, path: tuple[str, ...]) -> str:
        """Name the source that a value comes from."""
        origin = next((layer.origin for layer in self.layers if layer.says(path)), "default")
        if path[0] == "accounts" and len(path) > 1 and self.inline <= int(path[1]) < len(self.places):
            return "default" if origin == "default" else self.places[int(path[1])]
        return origin


_NOWHERE: Final = Origins()
_ORIGINS: ContextVar[Origins] = ContextVar("origins", default=_NOWHERE)


@dataclass(frozen=True, slots=True)
class RenewalPolicy:
    """What holds for one mailbox, after its own settings, its account's and the defaults have been laid over."""

    years: int
    method: PaymentMethod
    window_days: int
    critical_days: int
    identifier: InvoiceIdentifier | None
    allow_portal_autorenewal: bool


class Config(BaseSettings):
    """Everything that a user can set; see `config.example.toml`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    accounts_file: PathText = ""
    accounts_password: SecretPattern | None = None
    portal: Portal = Portal()
    browser: Browser = Browser()
    worker: Worker = Worker()
    ledger: Ledger = Ledger()
    sign_in: SignIn = SignIn()
    renewal: Renewal = Renewal()
    limits: Limits = Limits()
    clients: tuple[Client, ...] = ()
    mandate: OptionalMandate = None
    accounts: tuple[Account, ...] = Field(default=(), validate_default=False)
    notify: Notify = Notify()
    hooks: Hooks = Hooks()
    monitoring: Monitoring = Monitoring()

    _origins: Origins = PrivateAttr(default=_NOWHERE)
    #: The accounts by their names, with the accounts that they were made from: a copy may have others.
    _named: tuple[tuple[Account, ...], dict[str, Account]] = PrivateAttr(default=((), {}))

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **__: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put our own layers in the place of pydantic's sources, which would drop unknown variables in silence."""
        return tuple(InitSettingsSource(settings_cls, layer.tree) for layer in _ORIGINS.get().layers)

    def model_post_init(self, _context: object, /) -> None:
        """Remember who said what, for `config show`."""
        self._origins = _ORIGINS.get()

    @classmethod
    def from_layers(cls, layers: tuple[Layer, ...]) -> Self:
        """Build the configuration from what each source said, the strongest first."""
        return cls.from_origins(Origins(layers))

    @classmethod
    def from_origins(cls, origins: Origins) -> Self:
        """Build the configuration from all that is known of its sources."""
        token = _ORIGINS.set(origins)
        try:
            return cls()
        finally:
            _ORIGINS.reset(token)

    def origin(self, *path: str) -> str:
        """Name the source of a value: command line, environment, file, a line of the accounts file, or default."""
        return self._origins.of(path)

    def place_of(self, number: int) -> str:
        """Name the place in the sources of an account, by its number."""
        return self._origins.place_of(number)

    @property
    def accounts_digest(self) -> str:
        """Tells one state of the accounts file from another; "" where there is none."""
        return self._origins.sha256

    @property
    def counts_pages(self) -> bool:
        """Whether `portal.max_pages_per_minute` applies: on loopback only where it was set, to try it out."""
        return not self.portal.is_loopback or self.origin("portal", "max_pages_per_minute") != "default"

    @property
    def state_dir(self) -> Path:
        """The folder for ledger, sessions and evidence; nobody has created it yet."""
        return Path(self.ledger.state_dir or platformdirs.user_state_path(APPLICATION, appauthor=False))

    @property
    def ledger_url(self) -> str:
        """The database of the ledger, as SQLAlchemy writes addresses."""
        return self.ledger.url or f"sqlite:///{self.state_dir / 'ledger.sqlite3'}"

    def account(self, name: str) -> Account | None:
        """Return the account with this name, or None."""
        if self._named[0] is not self.accounts:
            self._named = (self.accounts, {one.name: one for one in self.accounts})
        return self._named[1].get(name)

    def accounts_named(self, names: Collection[str]) -> list[Account]:
        """Return the accounts with these names; all of them where none is named."""
        return [one for one in self.accounts if not names or one.name in names]

    def client(self, name: str) -> Client | None:
        """Return what is configured for a client label, or None."""
        return next((client for client in self.clients if name and client.name == name), None)

    def policy_for(self, account: Account, address: str) -> RenewalPolicy:
        """Return what holds for one mailbox of an account: its own settings, else its account's, else `[renewal]`."""
        levels = (account.mailbox(address), account, self.renewal)
        billing: Billing | None = _first(levels, "billing")
        return RenewalPolicy(
            years=_first(levels, "years"),
            method=_first(levels, "payment_method"),
            window_days=_first(levels, "window_days"),
            critical_days=self.renewal.critical_days,
            identifier=billing.as_identifier() if billing else None,
            allow_portal_autorenewal=self.renewal.allow_portal_autorenewal,
        )

    def narrowed(self, *, within_days: int | None = None, max_total: Decimal | None = None) -> Self:
        """Return a copy with a narrower window and a lower limit per run; neither can grow this way (PRC-2)."""
        changes: dict[str, object] = {}
        if within_days is not None:
            changes["renewal"] = _within(self.renewal, within_days)
            changes["accounts"] = tuple(
                _within(account, within_days).model_copy(
                    update={"mailboxes": tuple(_within(box, within_days) for box in account.mailboxes)}
                )
                for account in self.accounts
            )
        if max_total is not None and self.limits.max_per_run is not None:
            lower = min(max_total, self.limits.max_per_run)
            changes["limits"] = self.limits.model_copy(update={"max_per_run": lower})
        return self.model_copy(update=changes)


def _first(levels: tuple[Overrides | Renewal | None, ...], key: str) -> Any:  # noqa: ANN401 - as the key's own type
    return next((value for level in levels if (value := getattr(level, key, None)) is not None), None)


def _within(level: LevelT, days: int) -> LevelT:
    if level.window_days is None:
        return level
    return level.model_copy(update={"window_days": min(days, level.window_days)})


def require_for_renew(config: Config) -> None:
    """Raise ConfigError, naming all that is missing, unless limits and mandate allow orders at all (PRC-2, DRY-2)."""
    names = ("max_per_mailbox", "max_per_run", "max_per_month")
    missing = [f"limits.{name}" for name in names if getattr(config.limits, name) is None]
    if config.mandate is None:
        missing.append("mandate")
    if missing:
        problems = tuple(f"{place}: is missing, and renew orders nothing without it" for place in missing)
        raise ConfigError(f"The configuration does not allow orders: {', '.join(missing)} missing.", problems=problems)
