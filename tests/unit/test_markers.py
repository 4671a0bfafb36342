"""The last look through all that the suite wrote would see a leak: it sees these."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from pec_autorenew.mock_portal import Account, scenarios
from tests.cli.users import MARKS
from tests.markers import SECRETS, SESSION, STEM, Find, Scan, found_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.markers import Planted

SECRET = MARKS["PEC_STUDIO"]
#: Arguments by which a test invents a password, for a customer of the portal or for the client.
_GIVES_A_SECRET = re.compile(r"password|PEC_(?!AUTORENEW)[A-Z_]+")
EVIDENCE = "state/runs/2026-12-01T08-00-00Z-3f2a/studio-01-element-missing/snapshot.yaml"


@pytest.fixture
def leak(tmp_path: Path, planted: Planted) -> Callable[[str, bytes], list[Find]]:
    """Give a function that leaks something into a file and returns what the scan says of it."""

    def leaked(name: str, content: bytes) -> list[Find]:
        path = planted(tmp_path / "suite" / name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Scan(tmp_path / "suite").run()

    return leaked


@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "user:1", "x" * 7])
@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode(),
        lambda text: quote(f"?p={text}&q=à").encode(),
        lambda text: b64encode(text.encode()),
        lambda text: b64encode(f"{text}, and more".encode()),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: json.dumps({"a": text}).encode(),
    ],
    ids=["plain", "address", "base64", "base64-inside", "utf-16-le", "utf-16-be", "json"],
)
def test_secret_is_found_however_it_is_written(written: Callable[[str], bytes], before: str) -> None:
    """SEC-1: plain, in an address, in base64 wherever it begins, in UTF-16."""
    assert STEM in set(found_in(b"\0\x01" + written(f"{before}{SECRET}") + b"\xff"))


@pytest.mark.parametrize("secret", sorted(SECRETS))
def test_every_secret_of_the_suite_is_looked_for(leak: Callable[[str, bytes], list[Find]], secret: str) -> None:
    """SEC-1: those of the scenarios, of the mailboxes, of the tests, and what opens a session."""
    assert leak("state/run.log", f"typed {secret}".encode()) == [Find("state/run.log", secret)]


def test_suite_has_no_secret_that_is_not_looked_for() -> None:
    """SEC-1: a scenario or a test with another password would go unnoticed."""
    accounts = {one for one in vars(scenarios).values() if isinstance(one, Account)}
    assert {one.password for one in accounts} <= SECRETS
    assert all(one.startswith(STEM) for one in MARKS.values())
    unmarked = [
        f"{path.name}:{node.value.lineno}"
        for path in Path(__file__).parents[1].rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.keyword) and _GIVES_A_SECRET.fullmatch(node.arg or "")
        if isinstance(node.value, ast.Constant) and len(str(node.value.value)) > 1
        if not str(node.value.value).startswith(STEM)
    ]
    assert unmarked == []


def test_secret_is_found_in_databases_archives_names_and_pictures(
    leak: Callable[[str, bytes], list[Find]], tmp_path: Path, planted: Planted
) -> None:
    """SEC-1: in a database, inside an archive, in a file's name, beside the points."""
    path = planted(tmp_path / "ledger.sqlite3")
    with sqlite3.connect(path) as database:
        database.execute("create table run (config)")
        database.execute("insert into run values (?)", [f'{{"password": "{SECRET}"}}'])
    assert leak("ledger.sqlite3", path.read_bytes()) == [Find("ledger.sqlite3", STEM)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", SECRET * 9)
    assert Find("x.zip!report.json", STEM) in leak("x.zip", path.read_bytes())
    assert Find(f"{SECRET}.log", STEM) in leak(f"{SECRET}.log", b"nothing")
    text = b"Comment\0\0" + zlib.compress(SECRET.encode())
    picture = b"\x89PNG\r\n\x1a\n" + len(text).to_bytes(4, "big") + b"zTXt" + text + bytes(4)
    assert Find("page.png", STEM) in leak("page.png", picture)


@pytest.mark.parametrize(
    ("place", "content", "found"),
    [
        ("state/ledger.sqlite3", "bianca.sorbo@pec.it 200001@aruba.it", False),
        (EVIDENCE, "bianca.sorbo@pec.it", True),
        (EVIDENCE, "100001@aruba.it", True),
        ("bundle.zip!report.json", "bianca.sorbo@pec.it", True),
        ("state/ledger.sqlite3", "Benvenuto, Bianca Sorbo", True),
        ("state/runs/2026-12-01T08-00-00Z-3f2a/report.json", "XXXXXX00A00X000X", True),
    ],
)
def test_people_are_found_where_they_must_not_be(
    leak: Callable[[str, bytes], list[Find]], place: str, content: str, *, found: bool
) -> None:
    """SEC-4: a ledger names its owner's mailboxes, and nowhere a holder; evidence and archives name nobody."""
    assert bool(leak(place, content.encode())) is found


def test_only_the_file_that_a_test_names_is_passed_over(tmp_path: Path, planted: Planted) -> None:
    """SEC-1: what was planted beside a leak does not hide it."""
    root = tmp_path / "suite"
    root.mkdir()
    for name in ("password", "copy"):
        planted(root / name).write_text(SECRET, encoding="utf-8")
    (root / "planted.list").write_text(f"{root / 'password'}\n", encoding="utf-8")
    assert Scan(root).run() == [Find("copy", STEM)]


@pytest.mark.parametrize(
    ("name", "content", "finds"),
    [
        ("sessions/portal/studio.session", f"pec-autorenew session 1\n{SESSION}", 0),
        ("sessions/portal/studio.session", f"pec-autorenew session 1\n{SESSION} {STEM}-1", 1),
        ("sessions/portal/studio.session", f"pec-autorenew sealed session 1\n{SESSION}", 1),
        ("runs/studio.session", f"pec-autorenew session 1\n{SESSION}", 1),
    ],
    ids=["in its file", "with a password", "in one that is encrypted", "elsewhere"],
)
def test_session_may_stand_in_its_own_file_only(tmp_path: Path, name: str, content: str, finds: int) -> None:
    """SES-4: and no password beside it."""
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    assert len(Scan(tmp_path).run()) == finds
    path.unlink()
