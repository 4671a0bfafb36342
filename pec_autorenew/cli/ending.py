"""How a command ends: the error's message, its exit code, and with `--json` its document."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.errors import PecAutorenewError


def exit_code_of_error(error: PecAutorenewError) -> int:
    """Return the exit code of an error that ended a whole command."""
    from pec_autorenew import errors, results

    match error:
        case errors.NotRecorded():
            return results.UNKNOWN
        case errors.AnotherRun() | errors.PortalUnreachable() | errors.TooManyRequests() | errors.Maintenance():
            return results.TEMPORARY
        case errors.ConfigError() | errors.LedgerError():
            return results.NOT_FIT
        case errors.Drift():
            return results.DRIFT
        case errors.PersonNeeded():
            return results.PERSON
        case errors.PolicyStop() | errors.ForeignOrigin():
            return results.POLICY
        case _:
            return results.FAILED


@contextmanager
def ending(command: str, *, as_json: bool = False, mode: str = "live") -> Iterator[None]:
    """Turn an error of ours into its message on stderr and its exit code; stdout keeps to one JSON document."""
    from pec_autorenew.errors import ConfigError, PecAutorenewError

    try:
        yield
    except PecAutorenewError as error:
        code = exit_code_of_error(error)
        click.echo(f"pec-autorenew: {error.message}", err=True)
        for problem in error.problems if isinstance(error, ConfigError) else ():
            click.echo(f"  {problem}", err=True)
        if as_json:
            from pec_autorenew.report.document import error_document

            print_json(error_document(command, mode, code, error.message, error.next_step.value))
        leave(code)


def print_json(document: object) -> None:
    """Print one JSON document to stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def leave(code: int) -> NoReturn:
    """End the process with `code`."""
    sys.exit(code)
