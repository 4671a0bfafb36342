"""Our files on the machine: written whole, known by their first line, and nobody else's ever touched."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pec_autorenew.errors import ConfigError
from pec_autorenew.schedule.wanted import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping


def ours(path: Path) -> str | None:
    """Return the text of our file, None where there is nothing. Raises ConfigError where there is somebody else's."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        if path.is_symlink():  # systemd masks a unit by a link to nowhere
            raise ConfigError(f"{path} leads elsewhere, and is not of this program: it stays as it is.") from None
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    if path.is_symlink() or not text.startswith(MARK):
        raise ConfigError(f"{path} is not of this program: it stays as it is. Move it away, or keep to it.")
    return text


def write_all(texts: Mapping[Path, str]) -> bool:
    """Write all files or, where one of them is somebody else's, none; return whether anything changed."""
    before = {path: ours(path) for path in texts}
    changed = [path for path, text in texts.items() if before[path] != text]
    for path in changed:
        try:
            _write(path, texts[path])
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    return bool(changed)


def remove(path: Path) -> bool:
    """Remove our file; return whether it was there."""
    if ours(path) is None:
        return False
    try:
        path.unlink()
    except OSError as error:
        raise ConfigError(f"{path} cannot be removed: {error.strerror}.") from error
    return True


def _write(path: Path, text: str) -> None:
    """Put the file in place in one step, readable by all: no secret is in it (SEC-1)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(beside).unlink()
