"""Every secret and every person of the tests is invented, and so can be looked for: in all that the suite wrote.

A plugin, hooked from `conftest.py`. At the end of the session it reads every file below the folder of temporary files:
states, ledgers, reports, evidence, baselines, archives, recorded outputs of all tests. It fails the session where it
finds a secret, or a person in a place that must not name them (SEC-1, SEC-4).

A test that writes a marker itself, as a secrets file has to hold one, says so by `planted` and for that file alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

import pytest

from pec_autorenew.mock_portal import scenarios, sessions
from pec_autorenew.mock_portal.values import Account, Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: With this every secret begins that a test invents.
STEM: Final = "S3gret0"
#: With this every session and every code of the mock portal begins while tests run.
SESSION: Final = "S3ssi0ne"
#: Files in which a test itself has put a marker, a path on each line.
PLANTED: Final = "planted.list"
#: The one place of a session: its own file, where nobody has configured a key.
_SAVED: Final = re.compile(r"/sessions/[^/]+/[^/]+\.session$")
_IN_CLEAR: Final = b"pec-autorenew session 1\n"
#: What the processes of a test printed.
SAID: Final = "said.txt"

ACCOUNTS: Final = (scenarios.STUDIO, scenarios.AZIENDA, scenarios.SINGLE, scenarios.MANY)

#: Says of a file that a test itself has put a marker there.
Planted = Callable[[Path], Path]

#: Nobody may find these anywhere.
SECRETS: Final = frozenset(
    {STEM, SESSION, *(one.password for one in ACCOUNTS), str(Mailbox.__dataclass_fields__["password"].default)}
)
#: What «Dati Intestatario» shows: nothing that the client keeps may name them.
HOLDERS: Final = frozenset(
    {
        *(one.greeting for one in ACCOUNTS),
        *("Mirto Ginepro", "Titolare Inventato", "Paese Inventato", "dell'Esempio 1"),
        str(Account.__dataclass_fields__["tax_code"].default),
    }
)
#: The user's own, which the ledger and its reports name; a picture of a page, or an archive for strangers, must not.
OWN: Final = frozenset(
    {
        *(one.username for one in ACCOUNTS),
        *(one.contact_email for one in ACCOUNTS),
        *("ginepro@", "prugnolo@", "bianca.sorbo@", "sorbo.archivio@", "corniolo@"),
        "Provetti",
    }
)
#: What is kept of pages, and what is made to be shown around.
_FOR_OTHERS: Final = re.compile(
    r"/runs/[^/]+/[^/]+-\d\d-[\w-]+/|/first-live-run\.|/baselines/|/recording|pec-autorenew-[^/]*\.zip|\.zip!"
)
#: A picture, of which only what is written beside its points can be read.
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_EMPTY: Final = bytes(64)


def forms(marker: str) -> frozenset[bytes]:
    """Return how a marker may stand in a file: plain, in an address, in JSON or HTML, in base64, in UTF-16."""
    texts = {marker, quote_plus(marker), quote(marker), json.dumps(marker)[1:-1], marker.replace("'", "&#39;")}
    plain = {text.encode() for text in texts} | {marker.encode("utf-16-le")[:-1]}  # without the zero: in either order
    # In base64, three ways by how much stands before it; the outer letters belong to the neighbours as well.
    coded = {
        b64encode(b"\0" * shift + marker.encode())[(0, 2, 3)[shift] : (shift + len(marker.encode())) * 8 // 6]
        for shift in range(3)
    }
    return frozenset(plain | coded)


@dataclass(frozen=True, slots=True)
class Find:
    """A marker in a place where it must not be."""

    place: str
    marker: str

    def __str__(self) -> str:
        return f"{self.place}: {self.marker}"


@dataclass(slots=True)
class Scan:
    """One look through a folder."""

    root: Path
    files: int = 0
    size: int = 0
    seconds: float = 0.0
    finds: list[Find] = field(default_factory=list)
    _seen: set[bytes] = field(default_factory=set)

    def run(self) -> list[Find]:
        """Read everything below the folder; return what is found."""
        start = time.monotonic()
        planted = {
            line for one in self.root.rglob(PLANTED) for line in one.read_text("utf-8").splitlines() if line.strip()
        }
        for path in sorted(self.root.rglob("*")):
            if path.is_symlink() or not path.is_file() or path.name == PLANTED or str(path) in planted:
                continue
            self._read(str(path.relative_to(self.root)), path.read_bytes())
        self.seconds = time.monotonic() - start
        return self.finds

    def _read(self, place: str, content: bytes) -> None:
        self.files += 1
        self.size += len(content)
        strict = bool(_FOR_OTHERS.search(f"/{place}"))
        mark = hashlib.blake2b(content, digest_size=16, key=b"strict" if strict else b"").digest()
        if mark in self._seen:
            return
        self._seen.add(mark)
        if content.startswith(_PNG):
            content = b"\n".join(_texts_of(content))
        else:
            content = b"\0\0".join(content.split(_EMPTY))  # most of a small database is nothing
        belongs = {SESSION} if _SAVED.search(f"/{place}") and content.startswith(_IN_CLEAR) else set()
        found = set(found_in(content + place.encode(), strict=strict)) - belongs
        self.finds += [Find(place, marker) for marker in sorted(found)]
        if content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(BytesIO(content)) as archive:
                for name in archive.namelist():
                    self._read(f"{place}!{name}", archive.read(name))


_FORMS: Final[Mapping[str, frozenset[bytes]]] = {one: forms(one) for one in sorted(SECRETS | HOLDERS | OWN)}


def found_in(content: bytes, *, strict: bool = False) -> Iterator[str]:
    """Yield the markers that `content` holds; `strict`, also those of the user's own."""
    for marker, written in _FORMS.items():
        if (strict or marker not in OWN) and any(one in content for one in written):
            yield marker


def _texts_of(png: bytes) -> Iterator[bytes]:
    """Yield what a picture holds beside its points."""
    at = len(_PNG)
    while at + 8 <= len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if kind not in {b"IDAT", b"PLTE"}:
            yield body
            if kind in {b"zTXt", b"iTXt"}:
                yield zlib.decompressobj().decompress(body[body.index(b"\0") + 2 :])
        at += length + 12


class Watch:
    """The plugin: it marks what the mock portal invents by itself, and looks through everything at the end."""

    def __init__(self) -> None:
        self.scan: Scan | None = None

    def pytest_configure(self) -> None:
        """Have sessions and sign-in codes begin with a marker."""
        sessions.secrets = _MarkedSecrets()  # type: ignore[attr-defined,assignment]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look through what all processes of the session wrote, once, when the last one has ended."""
        if hasattr(session.config, "workerinput"):
            return
        base = session.config._tmp_path_factory._basetemp  # type: ignore[attr-defined]
        if base is None:
            return  # no test wrote anything
        self.scan = Scan(base)
        if self.scan.run():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was looked through, and what was found."""
        if self.scan is None:
            return
        one = self.scan
        terminalreporter.line(
            f"markers: {one.files} files, {one.size / 1e6:.1f} MB, {one.seconds:.1f} s, {len(one.finds)} found",
            red=bool(one.finds),
        )
        for find in one.finds[:_MOST]:
            terminalreporter.line(f"  {find}", red=True)


class _MarkedSecrets:
    """What the mock portal's sessions take for the standard library's `secrets`."""

    @staticmethod
    def token_urlsafe(size: int) -> str:
        """Return a token; a long one, which lets somebody in, begins with a marker."""
        token = secrets.token_urlsafe(size)
        return f"{SESSION}{token}" if size >= _LETS_IN else token


_LETS_IN: Final = 16
_MOST: Final = 50
