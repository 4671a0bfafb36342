"""The tutorials are followed to their end as they stand there: commands, files, and what they say will be seen."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pec_autorenew.cli import cli
from pec_autorenew.config import load_config
from tests.cli.users import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.users import User

DOCS: Final = REPOSITORY / "docs"
PAGES: Final = (REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md")))
#: What a reader does with their eyes.
READ_NUMBER: Final = "pec-autorenew history --csv --by order | tail -n 1 | cut -d , -f 1"
PROGRAMS: Final = Path(sys.executable).parent


def blocks(name: str) -> list[tuple[str, str]]:
    """Return a tutorial's blocks, each with its language, as they follow each other."""
    text = (DOCS / name).read_text("utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def unseen(expected: str, said: str) -> list[str]:
    """Return the lines of an output that a tutorial promises and nobody got to see."""
    seen = {" ".join(line.split()) for line in said.splitlines()}
    return [line for line in expected.splitlines() if line.strip() and " ".join(line.split()) not in seen]


def test_italian_tutorial_ends_with_the_new_expiry(user: User) -> None:
    """From the false portal's start to «renewed», with one order, and with the words that the tutorial shows."""
    (first, serve), *steps = blocks("it/primo-rinnovo.md")
    assert first == "sh"
    serving = shlex.split(serve)
    assert serving[0] == "pec-autorenew"
    ports = {one: "0" for one in serving if one.isdigit()}
    with (
        subprocess.Popen(  # noqa: S603 - our own program
            user.command(*(ports.get(word, word) for word in serving[1:])),
            env=user.environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as portal
    ):
        try:
            assert portal.stdout is not None
            found = [re.search(r"127\.0\.0\.1:(\d+)", portal.stdout.readline()) for _ in ports]
            ports = {one: port[1] for one, port in zip(ports, found, strict=True) if port}
            said = _follow(user, steps, ports)
        finally:
            portal.terminate()
    expected = "".join(text for kind, text in steps if kind == "text")
    assert unseen(expected, said) == [], said
    assert len(re.findall(r"1 ordered, 6,10 €\.", said)) == 1
    assert re.search(r"renewed, renewed, order \d+, 6,10 €\. Renewed until 11/12/2027\.", said)


def _follow(user: User, steps: list[tuple[str, str]], ports: dict[str, str]) -> str:
    """Do what the steps say, in one shell, and return what was seen."""
    lines = ["set -eu"]
    for kind, text in steps:
        text = text.replace("NUMERO=41002703", f"NUMERO=$({READ_NUMBER})")  # noqa: PLW2901 - the same step
        for port, real in ports.items():
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{real}")  # noqa: PLW2901 - the same step
        if kind == "toml":
            lines.append(f"cat > {shlex.quote(str(user.config))} <<'END'\n{text}END")
        elif kind == "sh":
            lines.append(re.sub(r"^(pec-autorenew renew.*)$", r"\1 --no-jitter", text, flags=re.MULTILINE))
    done = subprocess.run(  # noqa: S603 - what the tutorial says
        ["bash", "-c", "\n".join(lines)],  # noqa: S607 - whichever is there
        env=user.environment | {"PATH": f"{PROGRAMS}:{user.environment['PATH']}"},
        cwd=user.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    user.said += [done.stdout, done.stderr]
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_first_page_s_program_says_what_the_tutorial_shows(user: User) -> None:
    """The developers' first program reads the list as it stands there, and says what a renamed button is like."""
    (program,) = (text for kind, text in blocks("first-page.md") if kind == "python")
    done = subprocess.run(  # noqa: S603 - what the tutorial says
        [sys.executable, "-c", program],
        env=user.environment,
        cwd=user.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _setup, _serve, *shown = (text for kind, text in blocks("first-page.md") if kind == "text")
    assert len(shown) == 2
    assert unseen("".join(shown), done.stdout) == []


def test_every_command_in_a_document_is_one_of_the_program() -> None:
    """Nobody is told to type a command or an option that does not exist."""
    told = list(_told_commands())
    assert [f"{page}: {line}" for page, line in told if not _is_known(line)] == []
    assert len(told) > 100


def _told_commands() -> Iterator[tuple[str, str]]:
    for path in PAGES:
        text = path.read_text("utf-8")
        code = re.findall(r"^ *```sh\n(.*?)^ *```|`([^`\n]+)`", text, re.DOTALL | re.MULTILINE)
        for line in (line.strip() for block, span in code for line in (block or span).splitlines()):
            ours = re.sub(r"^(?:sudo )?\S*/pec-autorenew |^sudo (?:-u \w+ )?pec-autorenew ", "pec-autorenew ", line)
            if ours.startswith("pec-autorenew ") and not re.match(r"pec-autorenew COM(?:MAND|ANDO)\b", ours):
                yield path.name, ours


def _is_known(line: str) -> bool:
    words = shlex.split(line.partition(" > ")[0], comments=True)[1:]
    if words[0] == "-c":
        del words[:2]
    command: click.Command = cli
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    options = {name for one in command.params for name in one.opts}
    return not isinstance(command, click.Group) and {word for word in words if word.startswith("-")} <= options


def test_configuration_in_a_document_is_right_wherever_it_stands(user: User) -> None:
    """A block that somebody copies from a page into a right configuration leaves it right."""
    whole = next(text for kind, text in blocks("it/primo-rinnovo.md") if kind == "toml")
    user.write("")
    user.config.with_name("accounts.csv").write_text("name;username;client\nrossi;1@aruba.it;Rossi S.r.l.\n", "utf-8")
    told = [text for path in PAGES[1:] for kind, text in blocks(str(path.relative_to(DOCS))) if kind == "toml"]
    assert len(told) > 15
    for text in told:
        tables = set(re.findall(r"^\[\w+\]", text, re.MULTILINE))
        rest = [one for one in re.split(r"\n(?=\[)", whole) if one.partition("]")[0] + "]" not in tables]
        if re.search(r"^\[\[accounts\]\]", text, re.MULTILINE):
            rest = [one for one in rest if not one.startswith("[[accounts]]")]
        else:
            rest[-1] += 'client = "Rossi S.r.l."\n'
        user.write("\n".join((*rest, text) if text.startswith("[") else (text, *rest)) if text != whole else whole)
        load_config(user.config, environ={})
