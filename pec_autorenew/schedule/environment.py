"""The variables that a service gets from its environment file, read as far as a plain file of that kind goes."""

from __future__ import annotations

import shlex
from pathlib import Path

from pec_autorenew.errors import ConfigError


def variables_in(path: str) -> dict[str, str]:
    """Return the variables of an environment file; no message repeats a value (SEC-1)."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The environment file {path} cannot be read ({type(error).__name__}).") from None
    found = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith(("#", ";")):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ConfigError(f"{path} line {number}: NAME=value is wanted.")
        try:
            found[name.strip()] = "".join(shlex.split(value)) if value[:1] in {"'", '"'} else value.strip()
        except ValueError:
            raise ConfigError(f"{path} line {number}: a quote is not closed.") from None
    return found
