"""An accessibility snapshot as its parts: one line each, in reading order, without what rows repeat of their cells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks.normalising import normalised_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LINE: Final = re.compile(r"^(?P<indent> *)- (?:'(?P<quoted>(?:[^']|'')*)'(?P<more>:.*)?|(?P<plain>.*))$", re.DOTALL)
_BODY: Final = re.compile(
    r"""(?P<role>[^\s":]+)(?:[ ]"(?P<name>(?:[^"\\]|\\.)*)")?(?P<states>(?:[ ]\[[^\]]*\])*)(?P<rest>:.*)?$""", re.DOTALL
)
#: Roles whose name is made of what stands in them.
_MADE_OF_PARTS: Final = frozenset({"row", "cell", "gridcell", "listitem", "article"})
#: What a list repeats for each thing that it is about.
_REPEATED: Final = frozenset({"row", "listitem", "article"})
#: What stands for something that changes by itself.
_VOLATILE: Final = re.compile(r"[‹…#]")


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a snapshot."""

    role: str
    name: str = ""
    #: As the browser writes them: «checked», «disabled», «level=2».
    states: tuple[str, ...] = ()
    text: str = ""
    depth: int = 0

    @property
    def says(self) -> str:
        """What it is called, or what stands there."""
        return self.name or self.text

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same as another one, wherever it stands and whatever its state."""
        return (self.role, self.name, self.text)

    def __str__(self) -> str:
        """Return it as people read it, as a control is written elsewhere."""
        return f"{self.role} «{self.says}»" if self.says else f"{self.role} without a name"

    @property
    def line(self) -> str:
        """The line of the snapshot, without what only says that there is more in it."""
        name = f" {_quoted(self.name)}" if self.name else ""
        states = "".join(f" [{one}]" for one in self.states)
        return f"{'  ' * self.depth}- {self.role}{name}{states}{f': {_quoted(self.text)}' if self.text else ''}"


def parts_of(snapshot: str) -> tuple[Part, ...]:
    """Return the parts of a snapshot; a line that is none is taken for a text."""
    return tuple(_part(line) for line in snapshot.split("\n") if line.strip())


def kept_snapshot(snapshot: str, personal: Iterable[str] = ()) -> str:
    """Return a masked snapshot as a baseline keeps it: without what changes by itself or belongs to somebody.

    Rows that read the same once they are normalised stand there once: how many mailboxes somebody has is no look.
    """
    parts = list(parts_of(normalised_snapshot(snapshot, personal)))
    for index, part in enumerate(parts):
        if part.role in _MADE_OF_PARTS and _end(parts, index) > index + 1:
            parts[index] = replace(part, name="")
    parts = _once(parts)
    lines = [f"{one.line}:" if _end(parts, at) > at + 1 and not one.text else one.line for at, one in enumerate(parts)]
    return "\n".join(lines) + "\n"


def _part(line: str) -> Part:
    found = _LINE.match(line)
    if found is None:
        return Part("text", text=line.strip())
    body = found["plain"] if found["quoted"] is None else found["quoted"].replace("''", "'") + (found["more"] or "")
    depth = len(found["indent"]) // 2
    said = _BODY.match(body)
    if said is None:
        return Part("text", text=body, depth=depth)
    states = tuple(re.findall(r"\[([^\]]*)\]", said["states"]))
    name = unquoted(f'"{said["name"]}"') if said["name"] else ""
    return Part(said["role"], name, states, unquoted((said["rest"] or "")[1:].strip()), depth)


def unquoted(scalar: str) -> str:
    """Return the text of a YAML scalar of a snapshot, quoted as JSON would or not at all."""
    if scalar.startswith('"'):
        try:
            return str(json.loads(scalar))
        except json.JSONDecodeError:
            return scalar.strip('"')
    return scalar


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _end(parts: Sequence[Part], start: int) -> int:
    """Return where that ends which stands in the part at `start`."""
    inside = (at for at in range(start + 1, len(parts)) if parts[at].depth <= parts[start].depth)
    return next(inside, len(parts))


def _once(parts: Sequence[Part]) -> list[Part]:
    """Return the parts without a row of data that reads as another one of its list did."""
    left: list[Part] = []
    seen: dict[int, set[tuple[Part, ...]]] = {}
    at = 0
    while at < len(parts):
        here = parts[at]
        for depth in [one for one in seen if one > here.depth]:
            del seen[depth]  # another list
        whole = tuple(parts[at : _end(parts, at)])
        is_data = here.role in _REPEATED and any(_VOLATILE.search(one.says) for one in whole)
        known = seen.setdefault(here.depth, set())
        if is_data and whole in known:
            at += len(whole)
            continue
        if is_data:
            known.add(whole)
        left.append(here)
        at += 1
    return left
