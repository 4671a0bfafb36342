"""The pictures that a run kept, as they may stand inside a page that loads nothing."""

from __future__ import annotations

import struct
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: All pictures of a page together; what does not fit is named.
LARGEST: Final = 5_000_000
_MOST_NAMES: Final = 3
_PNG: Final = b"\x89PNG\r\n\x1a\n"
#: Signature, length and name of the header, then width and height.
_SIZE: Final = struct.Struct(">8s4s4sII")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, masked when it was taken."""

    #: The folder that it was kept in: account, number, what went wrong.
    place: str
    of: str
    source: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """Those that are shown, and why the others are not."""

    shown: tuple[Picture, ...]
    left_out: tuple[str, ...]


def pictures_of(folder: Path, cited: Mapping[str, Iterable[str]]) -> Pictures:
    """Return the pictures among the files that a run cites, each with whom it is of, from the run's own folder.

    Only the last two parts of a path count: a state folder may have been moved, and nothing outside is ever read.
    """
    shown, left_out, room = [], [], LARGEST
    for path, of in cited.items():
        if not path.endswith(".png"):
            continue
        name = PurePath(path)
        place = name.parent.name
        content, why = _read(folder, folder / place / name.name, room)
        if why:
            left_out.append(f"{place}/{name.name}: {why}")
            continue
        room -= len(content)
        width, height = _SIZE.unpack(content[: _SIZE.size])[-2:]
        source = f"data:image/png;base64,{b64encode(content).decode()}"
        shown.append(Picture(place, _names(of), source, width, height))
    return Pictures(tuple(shown), tuple(left_out))


def _names(of: Iterable[str]) -> str:
    names = list(dict.fromkeys(of))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _read(folder: Path, path: Path, room: int) -> tuple[bytes, str]:
    """Return the picture, or why there is none."""
    if path.is_symlink() or path.resolve().parent.parent != folder.resolve():
        return b"", "it is no file of this run"
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= room else b""
    except OSError as error:
        return b"", f"it cannot be read ({error.strerror})"
    if size > room:
        return b"", f"{size / 1_000_000:.1f} MB are more than the page would hold"
    if not content.startswith(_PNG) or len(content) < _SIZE.size:
        return b"", "it is no picture"
    return content, ""
