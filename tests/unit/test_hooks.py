"""Programs of the user's: what they are given, what they are not, and that nothing of them is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil
import pytest

from pec_autorenew import hooks as module
from pec_autorenew.config import load_config, masked_dump
from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.errors import ConfigError, HookFailed
from pec_autorenew.hooks import Hook, Hooks, secret_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS = {"RUN_ID": "run-1", "MODE": "live", "GROSS": None}
#: Longer than any test: whoever still sleeps then was left behind.
LONG = "600"


def hooks(*argv: str, timeout: str = "20 s", **environ: str) -> Hooks:
    """Return hooks with one program, before a run."""
    return Hooks(config(hooks={"before_run": list(argv), "timeout": timeout}), {"PATH": os.environ["PATH"]} | environ)


def config(**tables: Any) -> Config:  # noqa: ANN401 - as a file has them
    """Return a configuration that refers to secrets in every place."""
    account = {
        "name": "studio",
        "username": "1@aruba.it",
        "password": {"env": "DOOR"},
        "mail": {"host": "h.example", "username": "u", "password": {"env": "MAIL"}, "authserv_id": "mx.example"},
    }
    tree: dict[str, Any] = {
        "accounts": [account, {"name": "altro", "username": "2@aruba.it", "password": {"file": "/x"}}],
        "sign_in": {"session_key": {"env": "KEY"}},
        "notify": {"urls": [{"env": "ONE"}], "channels": [{"url": {"env": "TWO"}}], "ping_url": {"env": "PING"}},
    }
    return Config.from_layers((Layer("file", tree | tables),))


def shell(text: str, **more: str) -> Hooks:
    """Return hooks whose program is a shell that does `text`."""
    return hooks("sh", "-c", text, **more)


def ask(some: Hooks) -> None:
    """Run the program with a few facts."""
    some.run(Hook.BEFORE_RUN, FACTS, {"run": {"note": "perché"}})


def told(some: Hooks) -> HookFailed:
    """Return how the program failed."""
    with pytest.raises(HookFailed) as caught:
        ask(some)
    return caught.value


def test_hook_is_given_facts_as_variables_and_one_document(tmp_path: Path) -> None:
    """Issue 6, item 8: `PEC_…` variables, empty where nothing is known, and JSON on standard input."""
    out = tmp_path / "out"
    ask(shell(f'env > "{out}.env"; cat > "{out}.json"; pwd > "{out}.pwd"'))
    variables = dict(line.split("=", 1) for line in Path(f"{out}.env").read_text("utf-8").splitlines())
    assert variables.items() >= {"PEC_EVENT": "before_run", "PEC_RUN_ID": "run-1", "PEC_MODE": "live"}.items()
    assert variables["PEC_GROSS"] == ""
    assert json.loads(Path(f"{out}.json").read_text("utf-8")) == {
        "schema": "pec-autorenew/hook/1",
        "event": "before_run",
        "run": {"note": "perché"},
    }
    assert Path(f"{out}.pwd").read_text("utf-8") == "/\n"


def test_hook_knows_no_shell(tmp_path: Path) -> None:
    """Item 8: what looks like a command in an argument is an argument."""
    out = tmp_path / "out"
    ask(hooks(sys.executable, "-c", f"import sys; open({str(out)!r}, 'w').write(sys.argv[1])", "$(id); `id` > x"))
    assert out.read_text("utf-8") == "$(id); `id` > x"


def test_hook_gets_no_variable_that_holds_a_secret(tmp_path: Path) -> None:
    """SEC-1: every variable that the configuration refers to stays here, wherever it refers to it; others go along."""
    secrets = dict.fromkeys(("DOOR", "MAIL", "KEY", "ONE", "TWO", "PING"), "S3gret0-Corbezzolo")
    secrets |= dict.fromkeys(("PEC_AUTORENEW_LEDGER__URL", "PGPASSWORD"), "S3gret0-Corbezzolo")
    out = tmp_path / "env"
    ask(shell(f'env > "{out}"', OTHER="kept", **secrets))
    assert "OTHER=kept" in out.read_text("utf-8")
    assert "S3gret0" not in out.read_text("utf-8")
    assert secret_variables(config()) == secrets.keys()


def test_hook_that_says_no_is_an_error_that_keeps_its_words_apart() -> None:
    """SEC-1: the exit status goes into reports; what the program says, its last line, only to whoever reads stderr."""
    error = told(shell('echo first >&2; printf "the\\033 last\\n\\n" >&2; exit 3'))
    assert error.message == "hooks.before_run (sh) ended with status 3"
    assert error.said == "the last"
    assert (error.outcome, error.reason) == ("stopped", "hook")
    assert "SIGTERM" in told(shell("kill $$")).message
    assert "signal 40" in told(shell("kill -40 $$")).message
    assert len(told(shell("printf 'a%.0s' $(seq 5000) >&2; exit 1")).said) == 201


def test_hook_that_cannot_be_started_is_an_error() -> None:
    """Item 8: a missing program does not pass for one that agrees."""
    assert told(hooks("/nowhere/check")).message == (
        "hooks.before_run (check) could not be started: No such file or directory"
    )
    assert "could not be started" in told(hooks("sh", "-c", "true\0")).message


def test_hook_that_is_not_configured_is_nothing() -> None:
    """Item 8: without a program, nothing is run."""
    Hooks(config(), {}).run(Hook.AFTER_RUN, FACTS, {})


def test_hook_that_closes_its_input_or_says_much_is_no_error() -> None:
    """Item 8: nobody has to read the document, and a full pipe holds up nobody."""
    ask(shell("exec 0<&-; exit 0"))
    ask(shell("exec 2>&-; exit 0"))
    hooks("true").run(Hook.BEFORE_RUN, FACTS, {"report": "x" * 1_000_000})
    ask(hooks(sys.executable, "-c", "import sys; print('x' * 300_000, file=sys.stderr); print('x' * 300_000)"))


def left_of(mark: str) -> list[psutil.Process]:
    """Return the living processes whose arguments hold the mark."""
    found = [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if mark in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
    psutil.wait_procs(found, timeout=2)
    return [one for one in found if one.is_running()]


#: A program that sleeps below a program that sleeps, each known by the mark; `{start}` starts the inner one.
NESTED = "{start} sh -c 'sleep {long} & wait' {mark} & echo ready >&2; {then}"


@pytest.mark.parametrize("start", ["", "setsid", "trap '' TERM;"])
def test_hook_that_takes_too_long_is_ended_with_all_that_it_started(start: str) -> None:
    """RES-2: grandchildren too, those in a session of their own, and those who do not listen."""
    mark, before = f"mark-{uuid4()}", psutil.Process().children()
    error = told(shell(NESTED.format(start=start, long=LONG, mark=mark, then="wait"), timeout="1 s"))
    assert error.message == "hooks.before_run (sh) did not end within 1 s"
    assert error.said == "ready"
    assert left_of(mark) == []
    assert psutil.Process().children() == before  # other tests' servers


def test_hook_that_ends_leaves_nothing_running() -> None:
    """RES-2: what it left in the background, its stderr open, is not waited for, and ends with it."""
    mark = f"mark-{uuid4()}"
    began = time.monotonic()
    ask(shell(NESTED.format(start="", long=LONG, mark=mark, then="exit 0")))
    assert time.monotonic() - began < 15
    assert left_of(mark) == []


@pytest.fixture
def heard() -> Iterator[None]:
    """Hear Ctrl-C as a terminal's program does, also where whoever started the tests wants it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_hook_under_way_is_ended_by_a_request_to_end(tmp_path: Path) -> None:
    """RES-2: signals included; whoever interrupts the run does not leave the program behind."""
    mark, ready = f"mark-{uuid4()}", tmp_path / "ready"
    os.mkfifo(ready)

    def interrupt() -> None:
        ready.read_text("utf-8")  # returns once the program writes there
        os.kill(os.getpid(), signal.SIGINT)

    waiting = threading.Thread(target=interrupt)
    waiting.start()
    with pytest.raises(KeyboardInterrupt):
        ask(shell(NESTED.format(start="", long=LONG, mark=mark, then=f'echo > "{ready}"; wait'), timeout="60 s"))
    waiting.join()
    assert left_of(mark) == []


@pytest.mark.usefixtures("heard")
def test_request_to_end_while_a_hook_is_started_or_ended_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """RES-2: it may come when the program runs and we do not know it yet, and once more while it is being ended."""
    mark, before = f"mark-{uuid4()}", psutil.Process().children()
    popen, end = subprocess.Popen, module._end

    def interrupted_popen(*arguments: Any, **options: Any) -> object:  # noqa: ANN401 - as the real one's
        process = popen(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return process

    def interrupted_end(process: subprocess.Popen[bytes]) -> None:
        signal.raise_signal(signal.SIGINT)
        end(process)

    monkeypatch.setattr(subprocess, "Popen", interrupted_popen)
    monkeypatch.setattr(module, "_end", interrupted_end)
    with pytest.raises(KeyboardInterrupt):
        ask(shell(NESTED.format(start="", long=LONG, mark=mark, then="wait"), timeout="60 s"))
    assert left_of(mark) == []
    assert psutil.Process().children() == before


def test_program_in_the_file_starts_from_its_folder_and_its_arguments_are_not_shown(tmp_path: Path) -> None:
    """ENV-2, SEC-1: a relative path means beside the file; `config show` and the ledger name the program only."""
    path = tmp_path / "config.toml"
    account = '[[accounts]]\nname = "a"\nusername = "1@aruba.it"\npassword = { env = "P" }\n'
    lines = '[hooks]\nbefore_run = ["bin/check", "a-token"]\nafter_run = ["logger"]\nafter_renewal = ["~/x"]\n'
    path.write_text(account + lines, encoding="utf-8")
    found = load_config(path, environ={})
    assert found.hooks.before_run == (f"{tmp_path}/bin/check", "a-token")
    assert found.hooks.after_run == ("logger",)
    assert found.hooks.after_renewal == (str(Path("~/x").expanduser()),)
    shown = masked_dump(found)["hooks"]
    assert isinstance(shown, dict)
    assert (shown["before_run"], shown["after_run"]) == ([f"{tmp_path}/bin/check", "…"], ["logger"])
    assert (shown["before_renewal"], shown["timeout"]) == ([], "1 min")


@pytest.mark.parametrize("said", ['["./check"]', '[""]'])
def test_program_without_a_folder_to_start_from_is_refused(said: str) -> None:
    """CFG-1: in the environment a relative path leads nowhere, and nothing is no program."""
    with pytest.raises(ConfigError) as caught:
        load_config(environ={"PEC_AUTORENEW_ACCOUNTS": "[]", "PEC_AUTORENEW_HOOKS__BEFORE_RUN": said})
    assert any(one.startswith("hooks.before_run") for one in caught.value.problems)
