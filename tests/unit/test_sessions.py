"""Saved sessions: for their owner's eyes only, whole or not at all, and of nobody else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from pec_autorenew.errors import SessionUnusable
from pec_autorenew.sessions import SavedSession, SavedSessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PORTAL = "https://areaclienti.example"
USER = "123456@aruba.it"
COOKIE = "un-biscotto-inventato"
STATE = SavedSession(
    {"cookies": [{"name": "sessione", "value": COOKIE}], "origins": []}, frozenset({"a@pec.it", "b@pec.it"})
)
EARLIER = SavedSession({"cookies": [], "origins": []}, frozenset())
KEY = SecretStr("una chiave inventata")


@pytest.fixture(params=[None, KEY], ids=["clear", "encrypted"])
def saved(tmp_path: Path, request: pytest.FixtureRequest) -> SavedSessions:
    """Return an empty store, with and without a key."""
    return SavedSessions(tmp_path / "sessions", PORTAL, request.param)


def the_file(saved: SavedSessions) -> Path:
    """Return the only file of the store."""
    (path,) = saved.folder.iterdir()
    return path


def test_session_comes_back_as_it_was_saved(saved: SavedSessions) -> None:
    """SES-4: one file for an account, for its owner only; a second look is at the newest."""
    assert saved.load("studio", USER) is None
    saved.save("studio", USER, EARLIER)
    saved.save("studio", USER, STATE)
    assert saved.load("studio", USER) == STATE
    assert the_file(saved).stat().st_mode & 0o777 == 0o600
    assert saved.folder.stat().st_mode & 0o777 == 0o700
    assert saved.forget("studio")
    assert not saved.forget("studio")
    assert saved.load("studio", USER) is None


def test_another_process_with_the_same_key_reads_it(saved: SavedSessions) -> None:
    """SES-4: what makes the key stands in the file."""
    saved.save("studio", USER, STATE)
    assert SavedSessions(saved.folder, PORTAL, saved.key).load("studio", USER) == STATE


def test_encrypted_session_shows_nothing_of_what_is_in_it(tmp_path: Path) -> None:
    """SES-4: neither cookie nor user; and the same session twice is not the same bytes."""
    saved = SavedSessions(tmp_path, PORTAL, KEY)
    saved.save("studio", USER, STATE)
    first = the_file(saved).read_bytes()
    saved.save("studio", USER, STATE)
    assert first != the_file(saved).read_bytes()
    assert not any(secret.encode() in first for secret in (COOKIE, USER, "sessione"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_session_that_others_can_read_is_refused(saved: SavedSessions, mode: int) -> None:
    """SES-4: whoever could read it may have it."""
    saved.save("studio", USER, STATE)
    the_file(saved).chmod(mode)
    with pytest.raises(SessionUnusable, match="Others can read"):
        saved.load("studio", USER)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-3],
        lambda _: b"",
        lambda _: b"{}",
        lambda _: b"pec-autorenew session 1\n{}",
        lambda content: content[:60] + (b"x" if content[60:61] != b"x" else b"y") + content[61:],
    ],
    ids=["cut short", "empty", "of something else", "hollow", "changed"],
)
def test_broken_session_is_refused(saved: SavedSessions, spoil: Callable[[bytes], bytes]) -> None:
    """SES-4: never half a session, never somebody's own; the caller signs in anew."""
    saved.save("studio", USER, STATE)
    path = the_file(saved)
    path.write_bytes(spoil(path.read_bytes()))
    if saved.key is None and spoil(b"a" * 100) == b"a" * 60 + b"x" + b"a" * 39:
        pytest.skip("a file in clear does not show that a letter was changed")
    with pytest.raises(SessionUnusable):
        saved.load("studio", USER)


@pytest.mark.parametrize(
    ("portal", "username"), [("https://other.example", USER), (PORTAL, "999999@aruba.it")], ids=["portal", "user"]
)
def test_session_of_another_portal_or_user_is_refused(saved: SavedSessions, portal: str, username: str) -> None:
    """SES-1: an account that was given another user name does not go on as the old one."""
    saved.save("studio", USER, STATE)
    with pytest.raises(SessionUnusable, match="another account or portal"):
        SavedSessions(saved.folder, portal, saved.key).load("studio", username)


@pytest.mark.parametrize(
    ("written_with", "read_with", "words"),
    [
        (None, KEY, "is not encrypted"),
        (KEY, None, "no sign_in.session_key"),
        (KEY, SecretStr("another"), "another key"),
    ],
    ids=["planted in clear", "key gone", "key changed"],
)
def test_session_that_does_not_fit_the_key_is_refused(
    tmp_path: Path, written_with: SecretStr | None, read_with: SecretStr | None, words: str
) -> None:
    """SES-4: with a key configured, nothing in clear is believed."""
    SavedSessions(tmp_path, PORTAL, written_with).save("studio", USER, STATE)
    with pytest.raises(SessionUnusable, match=words):
        SavedSessions(tmp_path, PORTAL, read_with).load("studio", USER)


def test_session_travels_encrypted(tmp_path: Path) -> None:
    """HUM-5: signed in on a desktop, carried to a server with the same key."""
    desktop, server = (SavedSessions(tmp_path / name, PORTAL, KEY) for name in ("desktop", "server"))
    desktop.save("studio", USER, STATE)
    parcel = tmp_path / "parcel"
    desktop.export("studio", USER, parcel)
    assert parcel.stat().st_mode & 0o777 == 0o600
    assert COOKIE.encode() not in parcel.read_bytes()
    server.take("studio", USER, parcel)
    assert server.load("studio", USER) == STATE
    with pytest.raises(SessionUnusable, match="File exists"):
        desktop.export("studio", USER, parcel)
    with pytest.raises(SessionUnusable, match="another account"):
        server.take("other", "999999@aruba.it", parcel)
    with pytest.raises(SessionUnusable, match="sign in with `login nobody`"):
        desktop.export("nobody", USER, tmp_path / "second")


def test_session_does_not_travel_in_clear(tmp_path: Path) -> None:
    """SEC-1: without a key it stays where it is."""
    saved = SavedSessions(tmp_path / "sessions", PORTAL)
    saved.save("studio", USER, STATE)
    with pytest.raises(SessionUnusable, match="session_key"):
        saved.export("studio", USER, tmp_path / "parcel")
    assert not (tmp_path / "parcel").exists()
    with pytest.raises(SessionUnusable, match="session_key"):
        saved.take("studio", USER, the_file(saved))


def test_disk_that_takes_nothing_leaves_the_session_of_before(
    saved: SavedSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SES-4: replaced in one step or not at all, and nothing is left lying about."""
    saved.save("studio", USER, STATE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SessionUnusable, match="No space left"):
        saved.save("studio", USER, EARLIER)
    assert saved.load("studio", USER) == STATE
    the_file(saved)
