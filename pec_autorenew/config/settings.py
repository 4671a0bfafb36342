"""The whole configuration, made of layers: command line, environment, file, and the defaults of the models.

Annotations are evaluated at run time here, by pydantic.
"""

from collections.abc import Mapping
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
)
from pec_autorenew.config.portal import Portal
from pec_autorenew.config.values import PathText
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


_LAYERS: ContextVar[tuple[Layer, ...]] = ContextVar("layers", default=())


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
    portal: Portal = Portal()
    browser: Browser = Browser()
    ledger: Ledger = Ledger()
    sign_in: SignIn = SignIn()
    renewal: Renewal = Renewal()
    limits: Limits = Limits()
    mandate: OptionalMandate = None
    accounts: tuple[Account, ...] = Field(default=(), validate_default=False)
    notify: Notify = Notify()
    hooks: Hooks = Hooks()
    monitoring: Monitoring = Monitoring()

    _layers: tuple[Layer, ...] = PrivateAttr(default=())

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **__: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put our own layers in the place of pydantic's sources, which would drop unknown variables in silence."""
        return tuple(InitSettingsSource(settings_cls, layer.tree) for layer in _LAYERS.get())

    def model_post_init(self, _context: object, /) -> None:
        """Remember who said what, for `config show`."""
        self._layers = _LAYERS.get()

    @classmethod
    def from_layers(cls, layers: tuple[Layer, ...]) -> Self:
        """Build the configuration from what each source said, the strongest first."""
        token = _LAYERS.set(layers)
        try:
            return cls()
        finally:
            _LAYERS.reset(token)

    def origin(self, *path: str) -> str:
        """Name the source that a value comes from: command line, environment, file or default."""
        return next((layer.origin for layer in self._layers if layer.says(path)), "default")

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
        return next((account for account in self.accounts if account.name == name), None)

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
