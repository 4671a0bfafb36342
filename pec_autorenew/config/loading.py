"""From files and variables to one configuration, or to one error that names every problem with its place (CFG-1)."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import platformdirs
from pydantic import BaseModel, ValidationError

from pec_autorenew.config.accounts_file import Roster, fill_in_passwords, read_accounts_file
from pec_autorenew.config.models import model_within
from pec_autorenew.config.settings import APPLICATION, Config, Layer, Origins
from pec_autorenew.config.sources import (
    CONFIG_VARIABLE,
    PREFIX,
    read_environment,
    read_file,
    variable_of,
)
from pec_autorenew.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails


def default_path() -> Path:
    """Where the configuration is looked for when nobody says where."""
    return platformdirs.user_config_path(APPLICATION, appauthor=False) / "config.toml"


def load_config(
    path: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Return the configuration: command line (`overrides`) over environment over file over defaults.

    Raises ConfigError with every problem of every source. `overrides` cannot touch limits and mandate: a command
    line only narrows them (`Config.narrowed`), and None in it says nothing.
    """
    return _Loading(os.environ if environ is None else environ).load(path, overrides or {})


class _Loading:
    """One attempt, with what it has found wrong so far."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []
        self.layers: tuple[Layer, ...] = ()
        self.origins = Origins()

    def load(self, path: Path | None, overrides: Mapping[str, Any]) -> Config:
        file = path or (Path(named) if (named := self.environ.get(CONFIG_VARIABLE)) else None)
        environment = read_environment(self.environ, self.problems)
        said = _without_nothing(overrides)
        asked = file is not None
        file = file or default_path()
        tree: dict[str, Any] = {}
        if asked or file.is_file() or not ("accounts" in environment or "accounts" in said):
            tree = read_file(file, self.problems)
        if not asked and self.problems and not file.is_file():
            self.problems.append("`pec-autorenew config init` writes a first configuration there")
        self.problems += [
            f"{key}: the command line can lower limits, and say nothing else about {key}"
            for key in ("limits", "mandate")
            if key in said
        ]
        unreadable = bool(self.problems)
        self.layers = (Layer("command line", said), Layer("environment", environment), Layer("file", tree))
        self.origins = Origins(self.layers)
        self._join_accounts()
        return self._validate(complete=not unreadable)

    def _join_accounts(self) -> None:
        """Give the strongest layer that has accounts those of the accounts file too, each with a name of its own."""
        owner = next((layer for layer in self.layers if "accounts" in layer.tree), self.layers[-1])
        inline = owner.tree.get("accounts", [])
        if not isinstance(inline, list):
            return
        places, listed = [f"accounts.{number}" for number in range(len(inline))], self._said("accounts_file")
        roster = Roster()
        if isinstance(listed, str) and Path(listed).is_absolute():
            roster = read_accounts_file(Path(listed), self.problems)
            owner.tree["accounts"] = [*inline, *(account for _, account in roster.rows)]
            places += [f"{listed} line {line}" for line, _ in roster.rows]
        accounts = owner.tree.get("accounts", [])
        self.origins = Origins(self.layers, tuple(places), len(inline), roster.sha256)
        fill_in_passwords(accounts, self._said("accounts_password"))
        for key, what in (("name", "name"), ("username", "user name")):
            words = [word.strip().casefold() if isinstance(word := _get(a, key), str) else None for a in accounts]
            for first, number in _repeated(words):
                # Of [[accounts]] two may share a login, each for mailboxes of its own; in a long list it is a slip.
                if key == "name" or number >= len(inline):
                    text = f"{places[first]} has this {what} too; each account needs its own"
                    self.problems.append(f"{places[number]}.{key}: {text}")

    def _said(self, key: str) -> object:
        return next((layer.tree[key] for layer in self.layers if key in layer.tree), None)

    def _validate(self, *, complete: bool) -> Config:
        config = None
        try:
            config = Config.from_origins(self.origins)
        except ValidationError as error:
            self.problems += [self._describe(detail) for detail in error.errors(include_url=False, include_input=False)]
        if config is not None and not config.accounts and complete and not self.problems:
            self.problems.append("accounts: there is none: add [[accounts]] or accounts_file")
        if config is not None:
            self.problems += _problems_of_clients(config)
        if config is not None and _writes_password_down(config):
            self.problems.append(f"ledger.url: holds a password: use PGPASSFILE, or the variable {PREFIX}LEDGER__URL")
        if config is None or self.problems:
            count = len(self.problems)
            raise ConfigError(
                f"The configuration has {count} problem{'s' if count > 1 else ''}.", problems=tuple(self.problems)
            )
        return config

    def _describe(self, detail: ErrorDetails) -> str:
        path = tuple(str(part) for part in detail["loc"])
        match detail["type"]:
            case "missing":
                text = "is missing"
            case "extra_forbidden":
                near = get_close_matches(path[-1], _keys_at(path[:-1]), 1)
                text = "unknown key" + (f": did you mean {near[0]}?" if near else "")
            case "list_type" | "tuple_type":
                text = 'a list is wanted; in the environment it is written as JSON: ["a", "b"]'
            case _:
                text = detail["msg"].removeprefix("Value error, ")
        return f"{self._place(path)}: {text}"

    def _place(self, path: tuple[str, ...]) -> str:
        place = ".".join(path)
        if path[0] == "accounts" and len(path) > 1:
            place = ".".join((self.origins.place_of(int(path[1])), *path[2:]))
        origin = next((layer.origin for layer in self.layers if layer.says(path)), None)
        if origin == "environment" or (origin is None and path[0] in self.layers[1].tree):
            origin = variable_of(path, self.environ)
        return place if origin in {None, "file"} else f"{place} ({origin})"


def _problems_of_clients(config: Config) -> Iterator[str]:
    """Yield what is wrong with `[[clients]]`: a limit for a label that is misspelt would limit nothing (PRC-2)."""
    labels = {account.client for account in config.accounts}
    for number, client in enumerate(config.clients):
        if client.name not in labels:
            near = get_close_matches(client.name, sorted(labels), 1)
            hint = f": did you mean {near[0]}?" if near else ""
            yield f"clients.{number}.name: no account has this client label{hint}"
    for first, number in _repeated(client.name for client in config.clients):
        yield f"clients.{number}.name: clients.{first} has this name too"


def _writes_password_down(config: Config) -> bool:
    """Whether the file holds the ledger's password, which only a test's file may (SEC-1)."""
    parts = urlsplit(config.ledger.url)
    holds = parts.password is not None or "password" in parse_qs(parts.query, keep_blank_values=True)
    return holds and config.origin("ledger", "url") == "file" and not config.portal.is_loopback


def _get(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _repeated(words: Iterable[str | None]) -> Iterator[tuple[int, int]]:
    """Yield, for each word that was there before, where it was first and where it is again."""
    seen: dict[str, int] = {}
    for number, word in enumerate(words):
        if word and seen.setdefault(word, number) != number:
            yield seen[word], number


def _without_nothing(tree: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: _without_nothing(v) if isinstance(v, dict) else v for k, v in tree.items() if v is not None}
    return {key: value for key, value in kept.items() if value != {}}


def _keys_at(path: tuple[str, ...]) -> list[str]:
    """Return the keys that are known at a place, for the hint at a misspelt one."""
    model: type[BaseModel] | None = Config
    for part in path:
        if model is None:
            return []
        if part.isdigit():
            continue
        field = model.model_fields.get(part)
        model = None if field is None else model_within(field.annotation)
    return [] if model is None else list(model.model_fields)


def example_text() -> str:
    """Return the commented example: it lies in an installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    found = next(path for folder in (package, package.parent) if (path := folder / "config.example.toml").exists())
    return found.read_text(encoding="utf-8")
