"""Saved sessions: what the browser knows of an account that is signed in, for its owner's eyes only (SES-4).

One file for each account: mode 0600, replaced in one step, encrypted where a key is configured. A file that does not
fit is never used and never an error of the run: the account signs in anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.errors import SessionUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

#: The first line of a file: whether it is encrypted, and how it is to be read.
_CLEAR: Final = b"pec-autorenew session 1\n"
_SEALED: Final = b"pec-autorenew sealed session 1\n"
_SALT_BYTES: Final = 16
#: A session is some cookies; what is larger is none.
_MOST_BYTES: Final = 8 * 2**20


@dataclass(frozen=True, slots=True)
class SavedSession:
    """The browser's state, and the mailboxes that it was seen to show: by them it is known again (SES-1)."""

    state: Mapping[str, Any]
    mailboxes: frozenset[str]


@dataclass(slots=True)
class SavedSessions:
    """The sessions at one portal."""

    folder: Path
    #: The portal's origin: a session of one portal is nobody's at another.
    portal: str
    key: SecretStr | None = None
    _salt: bytes = field(default=b"", repr=False)
    _keys: dict[bytes, bytes] = field(default_factory=dict, repr=False)

    def load(self, account: str, username: str) -> SavedSession | None:
        """Return the session as it was saved, or None where none was. Raises SessionUnusable."""
        path = self._path(account)
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
                found = os.fstat(stream.fileno())
                if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
                    raise SessionUnusable(f"{path} holds no session.")
                if stat.S_IMODE(found.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
                    raise SessionUnusable(f"Others can read {path}: the session in it is not used.")
                content = stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SessionUnusable(f"{path} cannot be read: {error.strerror}.") from error
        return self._opened(content, str(path), username)

    def save(self, account: str, username: str, session: SavedSession) -> None:
        """Keep a session in the place of an earlier one. Raises SessionUnusable where it cannot be kept."""
        self._put(account, self._closed(username, session))

    def forget(self, account: str) -> bool:
        """Delete what is saved of an account; return whether there was anything."""
        path = self._path(account)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SessionUnusable(f"{path} cannot be deleted: {error.strerror}.") from error
        return True

    def export(self, account: str, username: str, target: Path) -> None:
        """Write the account's session to a new file, to be carried to another machine; only with a key.

        Raises SessionUnusable where there is no session, no key, or the file exists.
        """
        self.require_portable(target)
        session = self.load(account, username)
        if session is None:
            raise SessionUnusable(f"No session of {account} is saved here: sign in with `login {account}` first.")
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(self._closed(username, session))
        except OSError as error:
            raise SessionUnusable(f"{target} cannot be written: {error.strerror}.") from error

    def require_portable(self, target: Path) -> None:
        """Raise SessionUnusable where a session could not be exported to `target`."""
        if self.key is None:
            raise SessionUnusable("A session is carried elsewhere only if it is encrypted: set sign_in.session_key.")
        if target.exists():
            raise SessionUnusable(f"{target} cannot be written: File exists.")

    def take(self, account: str, username: str, source: Path) -> None:
        """Save a session that was exported elsewhere. Raises SessionUnusable where it is not this account's."""
        if self.key is None:
            raise SessionUnusable("A session from elsewhere is encrypted: set sign_in.session_key to its key.")
        try:
            content = source.read_bytes()
        except OSError as error:
            raise SessionUnusable(f"{source} cannot be read: {error.strerror}.") from error
        self.save(account, username, self._opened(content, str(source), username))

    # -- in the file -----------------------------------------------------------------------------------------------

    def _path(self, account: str) -> Path:
        return self.folder / f"{account}.session"

    def _put(self, account: str, content: bytes) -> None:
        path = self._path(account)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=self.folder)  # mode 0600
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                Path(name).replace(path)
            except BaseException:
                with suppress(FileNotFoundError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise SessionUnusable(f"{path} cannot be written: {error.strerror}.") from error

    def _closed(self, username: str, session: SavedSession) -> bytes:
        whose = {"portal": self.portal, "username": username, "mailboxes": sorted(session.mailboxes)}
        plain = json.dumps({**whose, "state": session.state}).encode()
        if self.key is None:
            return _CLEAR + plain
        from cryptography.fernet import Fernet

        self._salt = self._salt or os.urandom(_SALT_BYTES)
        return _SEALED + self._salt + Fernet(self._key(self._salt)).encrypt(plain)

    def _opened(self, content: bytes, where: str, username: str) -> SavedSession:
        try:
            told = json.loads(self._unsealed(content, where))
            session = SavedSession(told["state"], frozenset(told["mailboxes"]))
            whose = (told["portal"], told["username"])
            fits = isinstance(session.state["cookies"], list) and isinstance(session.state["origins"], list)
        except (ValueError, KeyError, TypeError, RecursionError):
            fits = False
        if not fits:
            raise SessionUnusable(f"{where} holds no session.")
        if whose != (self.portal, username):
            raise SessionUnusable(f"{where} holds a session of another account or portal.")
        return session

    def _unsealed(self, content: bytes, where: str) -> bytes:
        if content.startswith(_CLEAR):
            if self.key is not None:
                raise SessionUnusable(f"{where} is not encrypted, and sign_in.session_key says that sessions are.")
            return content.removeprefix(_CLEAR)
        if not content.startswith(_SEALED):
            return b""
        if self.key is None:
            raise SessionUnusable(f"{where} is encrypted, and no sign_in.session_key is configured.")
        from cryptography.fernet import Fernet, InvalidToken

        rest = content.removeprefix(_SEALED)
        salt, token = rest[:_SALT_BYTES], rest[_SALT_BYTES:]
        try:
            return Fernet(self._key(salt)).decrypt(token)
        except InvalidToken:
            raise SessionUnusable(f"{where} was encrypted with another key, or has been changed.") from None

    def _key(self, salt: bytes) -> bytes:
        """Return the key for one salt; making it is slow on purpose, so each is made once."""
        assert self.key is not None  # noqa: S101 - the callers looked
        if salt not in self._keys:
            secret = self.key.get_secret_value().encode()
            self._keys[salt] = urlsafe_b64encode(hashlib.scrypt(secret, salt=salt, n=2**14, r=8, p=1, dklen=32))
        return self._keys[salt]
