"""How a command ends: the error's message, its exit code, and with `--json` its document."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.cli.options import Asked


@contextmanager
def ending(asked: Asked, command: str, mode: str = "live") -> Iterator[None]:
    """Turn an error of ours into its message on stderr and its exit code; stdout keeps to one JSON document.

    What nobody foresaw goes on as it is, after its document.
    """
    from pec_autorenew.errors import ConfigError, NextStep, PecAutorenewError
    from pec_autorenew.results import FAILED, USAGE, exit_code_of_error

    def tell(code: int, message: str, step: NextStep = NextStep.STOP_RUN) -> None:
        if asked.as_json:
            from pec_autorenew.report.document import error_document

            print_json(error_document(command, mode, code, message, step.value))

    try:
        yield
    except PecAutorenewError as error:
        problems = error.problems if isinstance(error, ConfigError) else ()
        complain(asked, error.message, problems)
        code = exit_code_of_error(error)
        tell(code, "\n".join([error.message, *problems]), error.next_step)
        leave(code)
    except click.UsageError as error:
        tell(USAGE, error.message)
        raise
    except Exception as error:
        tell(FAILED, f"{type(error).__name__}: something that nobody foresaw; stderr says where.")
        raise


def complain(asked: Asked, message: str, problems: tuple[str, ...] = ()) -> None:
    """Say on stderr what is wrong, in the form that was asked for."""
    if asked.log_json:
        facts = {"message": message, "event": "error", "problems": list(problems)}
        click.echo(json.dumps(facts, ensure_ascii=False), err=True)
        return
    click.echo(f"pec-autorenew: {message}", err=True)
    for problem in problems:
        click.echo(f"  {problem}", err=True)


def print_json(document: object) -> None:
    """Print one JSON document to stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def leave(code: int) -> NoReturn:
    """End the process with `code`."""
    sys.exit(code)
