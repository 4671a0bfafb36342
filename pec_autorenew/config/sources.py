"""What the sources say: the file's tables, the environment's variables.

Nothing is judged here but the form; what a key may hold, the models say.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "PEC_AUTORENEW_"
#: The variables with our prefix that are no keys of the configuration.
CONFIG_VARIABLE: Final = f"{PREFIX}CONFIG"
CLOCK_VARIABLE: Final = f"{PREFIX}CLOCK"
#: Keys that hold paths, in any table; in the file they start from the file's own folder (ENV-2).
_PATH_KEYS: Final = frozenset({"file", "accounts_file", "state_dir", "executable", "textfile"})
#: Keys that hold a program and its arguments; of the program, too, if it is a path.
_PROGRAM_KEYS: Final = frozenset({"before_run", "after_run", "before_renewal", "after_renewal"})


def read_file(path: Path, problems: list[str]) -> dict[str, Any]:
    """Return the tables of the configuration file, its relative paths made absolute."""
    try:
        tree = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        problems.append(f"{path}: is not written in UTF-8")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path}: {error}")
    else:
        return {key: anchored(key, value, path.parent) for key, value in tree.items()}
    return {}


def anchored(key: str, value: object, folder: Path) -> object:
    """Return a value with the paths in it made absolute, starting from `folder`."""
    if isinstance(value, dict):
        return {inner: anchored(inner, said, folder) for inner, said in value.items()}
    if key in _PROGRAM_KEYS and isinstance(value, list) and value and isinstance(value[0], str) and "/" in value[0]:
        return [str(folder.absolute() / Path(value[0]).expanduser()), *value[1:]]
    if isinstance(value, list):
        return [anchored(key, said, folder) if isinstance(said, dict) else said for said in value]
    if key in _PATH_KEYS and isinstance(value, str) and value:
        return str(folder.absolute() / Path(value).expanduser())
    return value


def read_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """Return what `PEC_AUTORENEW_…__…` variables say; a value in brackets is JSON, any other is text."""
    tree: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in {CONFIG_VARIABLE, CLOCK_VARIABLE}:
            continue
        text = environ[name].strip()
        try:
            value = json.loads(text) if text.startswith(("[", "{")) else text
        except json.JSONDecodeError as error:
            problems.append(f"{name}: not JSON: {error.msg}, line {error.lineno}, column {error.colno}")
            continue
        *tables, key = name.removeprefix(PREFIX).lower().split("__")
        node = tree
        for table in tables:
            node = node.setdefault(table, {})
            if not isinstance(node, dict):
                break
        if isinstance(node, dict) and not isinstance(node.get(key), dict):
            node[key] = value
        else:
            problems.append(f"{name}: another variable gives the same key another shape")
    return tree


def variable_of(path: tuple[str, ...], environ: Mapping[str, str]) -> str | None:
    """Name the environment variable that gave the value at `path`, or at a table around it."""
    names = [PREFIX + "__".join(path[:end]).upper() for end in range(len(path), 0, -1)]
    return next((name for name in names if name in environ), None)
