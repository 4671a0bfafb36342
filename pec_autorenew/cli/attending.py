"""Whoever attends: asked on the terminal before each step, or when the portal insists on a person (HUM-5)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.flows.check_portal import Guide

_STOP = frozenset({"s", "stop", "q", "quit", "n", "no"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the terminal; `say` prints a line, `ask` returns what they type after one."""

    say: Callable[[str], object]
    ask: Callable[[str], str]

    def next(self, step: str) -> bool:
        """Announce a step and go on at Enter."""
        return self._goes_on(f"Next: {step}. Enter to go on, s to stop: ")

    def wait(self, why: str) -> bool:
        """Let the person do in the window what the portal asks for, as long as it takes."""
        self.say(f"The portal does not go on by itself: {why}.")
        return self._goes_on("Do in the window what it asks for, then press Enter; s to stop: ")

    def _goes_on(self, question: str) -> bool:
        return self.ask(question).strip().lower() not in _STOP


@dataclass(frozen=True, slots=True)
class Standby(Person):
    """Somebody at the terminal who is asked only when the portal insists on a person."""

    def next(self, _: str) -> bool:
        """Go on."""
        return True


def guide_for(kind: type[Person] = Person, *, attended: bool = True) -> Guide | None:
    """Return the person at the terminal, or None where nobody attends. Without a terminal it is a usage error."""
    if not attended:
        return None
    if not sys.stdin.isatty():
        raise click.UsageError("Somebody has to attend, and there is no terminal to answer on.")
    return kind(lambda line: click.echo(line, err=True), _ask)


def _ask(question: str) -> str:
    click.echo(question, nl=False, err=True)
    answer = sys.stdin.readline()
    return answer or "stop"  # the terminal is gone
