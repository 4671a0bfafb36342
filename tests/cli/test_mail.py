"""The command line reads real mailboxes, for the commands that settle orders and for no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.cli.options import Asked
from pec_autorenew.cli.running import looking
from pec_autorenew.confirmations import read_confirmations
from pec_autorenew.engine.errand import no_mail
from pec_autorenew.engine.local import Command, Runner, Task
from pec_autorenew.engine.task import Result

if TYPE_CHECKING:
    from pathlib import Path

    from pec_autorenew.confirmations import Reader


@pytest.mark.parametrize(
    ("command", "reader"),
    [
        (Command.RENEW, read_confirmations),
        (Command.RECONCILE, read_confirmations),
        (Command.PLAN, no_mail),
        (Command.LIST, no_mail),
    ],
)
def test_commands_that_settle_read_the_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command, reader: Reader
) -> None:
    """X3: `renew` and `reconcile` ask the mailbox as it is configured, the others the portal alone."""
    path = tmp_path / "config.toml"
    account = '[[accounts]]\nname = "studio"\nusername = "1@aruba.it"\npassword = { env = "UNUSED" }\n'
    portal = '[portal]\nbase_url = "http://127.0.0.1:9/"\n'
    path.write_text(f'{portal}[ledger]\nstate_dir = "{tmp_path}"\n{account}', "utf-8")
    readers: list[Reader] = []

    def run(runner: Runner, task: Task) -> Result:
        readers.append(runner.confirmations)
        return Result(f"run of {task.command}")

    monkeypatch.setattr(Runner, "run", run)
    asked = Asked(path, quiet=True, verbose=False, log_json=False)
    with looking(asked, asked.config()) as look:
        look.run(command)
    assert readers == [reader]
