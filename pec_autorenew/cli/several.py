"""A directory of configurations: a command is run for each file in it, one after the other."""

from __future__ import annotations

import io
import json
import traceback
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import click

from pec_autorenew.cli.ending import ending, leave, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.config import Config

RUNS: Final = "pec-autorenew/runs/1"
#: The first of these that occurs is the exit code: what may have cost money, what is about to be lost, what was not
#: looked at at all, and then as within one run.
_WORST_FIRST: Final = (5, 7, 78, 2, 6, 4, 3, 1, 75, 8, 0)
#: For a monitoring plug-in: CRITICAL, UNKNOWN, WARNING, OK.
_PLUGIN: Final = "check"
_PLUGIN_WORST_FIRST: Final = (2, 3, 1, 0)
_PLUGIN_UNKNOWN: Final = 3
_LEVELS: Final = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
#: What is meant for one configuration, or gives a form that cannot hold several.
_FOR_ONE: Final = {"as_csv": "--csv", "as_ics": "--ics", "renew_early": "--renew-early", "close_id": "--close"}


@dataclass(slots=True)
class _Part:
    """One configuration of the directory, and what came of it."""

    path: Path
    #: None where it cannot be loaded, which the command itself then says.
    config: Config | None = None
    #: Why it must not be used beside those before it.
    clash: str = ""
    code: int = 0
    said: str = ""


@dataclass(slots=True)
class Several:
    """A command over a directory."""

    command: str
    function: Callable[..., None]
    asked: Asked
    #: The command's own options.
    own: dict[str, Any]
    parts: list[_Part] = field(default_factory=list)

    def run(self, folder: Path) -> None:
        """Run the command for each configuration in the order of their names, and leave with the worst exit code.

        One that fails does not stop the others; somebody who asks the process to end does.
        """
        from pec_autorenew.engine.stopping import asked_to_end
        from pec_autorenew.errors import ConfigError

        asked_to_end.clear()
        with self._ending(self.asked):
            self._require_for_all()
            paths = [one for one in sorted(folder.glob("*.toml")) if one.is_file() and not one.name.startswith(".")]
            if not paths:
                raise ConfigError(f"There is no configuration (*.toml) in {folder}.")
            self.parts = self._meant([_Part(path, _load(path)) for path in paths])
            if not self.parts:
                raise click.UsageError("No configuration has accounts that are both of --account and of --client.")
        for number, part in enumerate(self.parts):
            if asked_to_end.is_set():
                part.code, part.said = 1, ""
                click.echo(f"{part.path.name}: not begun: the command was asked to end.", err=True)
                continue
            if number and "no_jitter" in self.own:
                self.own["no_jitter"] = True  # the random delay is for the whole
            self._one(part)
        leave(self._tell())

    @contextmanager
    def _ending(self, asked: Asked) -> Iterator[None]:
        """End by an error of ours as the command would end by itself; a plug-in knows nothing but its four levels."""
        from pec_autorenew.errors import ConfigError

        try:
            if self.command == _PLUGIN:
                yield
            else:
                with ending(asked, self.command):
                    yield
        except (ConfigError, click.UsageError) as error:
            if self.command != _PLUGIN:
                raise
            from pec_autorenew.report.probe import unknown_document, unknown_text

            if self.asked.as_json:
                print_json(unknown_document(error.message))
            else:
                click.echo(unknown_text(error.message))
            leave(_PLUGIN_UNKNOWN)

    def _require_for_all(self) -> None:
        said = [option for name, option in _FOR_ONE.items() if self.own.get(name)]
        said += ["--mailbox"] if self.asked.mailboxes else []
        if said:
            raise click.UsageError(f"{said[0]} is for one configuration: name its file with -c.")

    def _meant(self, parts: list[_Part]) -> list[_Part]:
        """Return those that the accounts and clients that were asked for are in; note what must not go together."""
        from pec_autorenew.cli.options import require_known

        loaded = [part.config for part in parts if part.config is not None]
        if len(loaded) == len(parts):
            require_known("account", self.asked.accounts, {one for config in loaded for one in _names(config)})
            require_known("client", self.asked.clients, {one for config in loaded for one in _labels(config)})
        seen: dict[tuple[str, str, str], Path] = {}
        for part in parts:
            for name in _names(part.config) if part.config else ():
                key = (
                    (part.config.ledger_url, part.config.portal.base_url, name.casefold()) if part.config else ("",) * 3
                )
                first = seen.setdefault(key, part.path)
                if first is not part.path and not part.clash:
                    part.clash = (
                        f"Account {name!r} is in {first.name} too, and both have one ledger: give each configuration a "
                        "[ledger] state_dir of its own."
                    )
        return [part for part in parts if part.config is None or self._narrowed(part.config) is not None]

    def _narrowed(self, config: Config) -> Asked | None:
        """Return what is asked of this configuration; None where that is nothing."""
        accounts = tuple(one for one in self.asked.accounts if one in _names(config))
        clients = tuple(one for one in self.asked.clients if one in _labels(config))
        if (self.asked.accounts and not accounts) or (self.asked.clients and not clients):
            return None
        narrowed = replace(self.asked, accounts=accounts, clients=clients)
        try:
            narrowed.chosen_accounts(config)
        except click.UsageError:  # none of the accounts is one of the clients'
            return None
        return narrowed

    def _one(self, part: _Part) -> None:
        """Run the command for one configuration."""
        asked = (self._narrowed(part.config) if part.config else None) or self.asked
        asked = replace(asked, config_path=part.path)
        keeps = asked.as_json or asked.quiet or self.command == _PLUGIN
        if not keeps:
            click.echo(f"== {part.path.name}")
        kept = io.StringIO()
        with redirect_stdout(kept) if keeps else nullcontext():
            part.code = _code_of(lambda: self._call(asked, part))
        part.said = kept.getvalue()
        if part.said and keeps and not asked.as_json and self.command != _PLUGIN:
            click.echo(f"== {part.path.name}\n{part.said}", nl=False)

    def _call(self, asked: Asked, part: _Part) -> None:
        from pec_autorenew.errors import ConfigError

        if part.clash:
            with self._ending(asked):
                raise ConfigError(part.clash)
        self.function(asked, **self.own)

    def _tell(self) -> int:
        """Say what came of all of them; return the exit code."""
        codes = {part.code for part in self.parts}
        order = _PLUGIN_WORST_FIRST if self.command == _PLUGIN else _WORST_FIRST
        worst = [code for code in order if code in codes] + sorted(codes - set(order))
        if self.asked.as_json:
            print_json(
                {"schema": RUNS, "command": self.command, "exit_code": worst[0], "exit_codes": worst} | self._runs()
            )
        elif self.command == _PLUGIN:
            click.echo("\n".join(self._as_plugin(worst[0])))
        elif worst != [0] or not self.asked.quiet:
            ends = ", ".join(f"{part.path.name} {part.code}" for part in self.parts)
            click.echo(f"Configurations and their exit codes: {ends}", err=True)
        return worst[0]

    def _runs(self) -> dict[str, Any]:
        return {
            "runs": [
                {"config": str(part.path), "exit_code": part.code, "document": json.loads(part.said or "null")}
                for part in self.parts
            ]
        }

    def _as_plugin(self, level: int) -> Iterator[str]:
        """Yield the line that a monitoring system shows, then each configuration's lines, without their figures."""
        wrong = [part.path.name for part in self.parts if part.code]
        about = f"{len(self.parts)} configurations"
        about = f"{len(wrong)} of {about}: {', '.join(wrong)}" if wrong else about
        yield f"PEC {_LEVELS[level]} - {about}"
        for part in self.parts:
            for line in part.said.splitlines():
                yield f"{part.path.name}: {line.partition(' | ')[0]}"


def _load(path: Path) -> Config | None:
    from pec_autorenew.config import load_config
    from pec_autorenew.errors import ConfigError

    try:
        return load_config(path)
    except ConfigError:
        return None


def _names(config: Config) -> set[str]:
    return {account.name for account in config.accounts}


def _labels(config: Config) -> set[str]:
    return {account.client for account in config.accounts if account.client}


def _code_of(call: Callable[[], None]) -> int:
    """Return the exit code that a command's call would end the process with."""
    try:
        call()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - shown, and told by the exit code; the others go on (SIL-4)
        traceback.print_exception(error)
        return 1
    return 0
