"""Secrets: found where the reference says, late, and never in a message (SEC-1)."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from pec_autorenew import credentials
from pec_autorenew.config import SecretReference
from pec_autorenew.credentials import resolve
from pec_autorenew.errors import SecretUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.markers import Planted

MARKER = "S3gret0-Riferimento-45"


def refused(reference: SecretReference, **environ: str) -> str:
    """Resolve what leads nowhere, and return the message, which never holds the secret."""
    with pytest.raises(SecretUnavailable) as caught:
        resolve(reference, environ)
    chain = f"{caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert MARKER not in chain
    return str(caught.value)


def test_environment_variable_gives_its_value_unchanged() -> None:
    """SEC-1: blanks may belong to a password."""
    secret = resolve(SecretReference(env="PEC_PASSWORD"), {"PEC_PASSWORD": f" {MARKER} "})
    assert secret.get_secret_value() == f" {MARKER} "
    assert MARKER not in repr(secret)


def test_environment_variable_unset_or_empty_is_named() -> None:
    """SEC-1: the message says where the secret was sought."""
    assert "PEC_PASSWORD" in refused(SecretReference(env="PEC_PASSWORD"))
    assert "empty" in refused(SecretReference(env="PEC_PASSWORD"), PEC_PASSWORD="")


@pytest.mark.parametrize(("text", "secret"), [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x ")])
def test_file_loses_one_newline_at_its_end_and_nothing_else(tmp_path: Path, text: str, secret: str) -> None:
    """Editors end a file with a newline; no password wants it."""
    path = tmp_path / "password"
    path.write_bytes(text.encode())
    path.chmod(0o600)
    assert resolve(SecretReference(file=str(path))).get_secret_value() == secret


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666])
def test_file_that_others_can_touch_is_refused(tmp_path: Path, planted: Planted, mode: int) -> None:
    """SEC-1: a secret that others can read is none."""
    path = planted(tmp_path / "password")
    path.write_text(MARKER)
    path.chmod(mode)
    assert f"chmod 600 {path}" in refused(SecretReference(file=str(path)))


def test_file_that_is_absent_or_not_text_is_refused(tmp_path: Path, planted: Planted) -> None:
    """SEC-1: neither the content nor a traceback with it gets out."""
    path = planted(tmp_path / "password")
    assert "No such file" in refused(SecretReference(file=str(path)))
    path.write_bytes(b"\xff" + MARKER.encode())
    path.chmod(0o600)
    assert "UTF-8" in refused(SecretReference(file=str(path)))


def test_command_gives_the_first_line_without_a_shell() -> None:
    """SEC-1: arguments are passed as they are, and further lines are notes."""
    script = "import sys; print(sys.argv[1]); print('note')"
    reference = SecretReference(command=(sys.executable, "-c", script, "$HOME; a*"))
    assert resolve(reference).get_secret_value() == "$HOME; a*"


def test_command_that_fails_is_named_without_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1: a program's arguments and output may hold the secret."""

    def running(script: str) -> SecretReference:
        return SecretReference(command=(sys.executable, "-c", script, MARKER))

    assert "ended with 3" in refused(running(f"print({MARKER!r}); raise SystemExit(3)"))
    assert "empty" in refused(running("pass"))
    assert "cannot be started" in refused(SecretReference(command=("/nonexistent/program", MARKER)))
    monkeypatch.setattr(credentials, "COMMAND_TIMEOUT", 0.3)
    assert "within" in refused(running(f"import threading; print({MARKER!r}, flush=True); threading.Event().wait()"))


def test_command_that_asks_gets_no_answer() -> None:
    """ENV-2: no prompt without a terminal: the program reads an empty input."""
    script = "import sys; print('nobody' if sys.stdin.read() == '' else 'somebody')"
    assert resolve(SecretReference(command=(sys.executable, "-c", script))) == SecretStr("nobody")


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """Put a key-ring made of a dictionary in the place of the desktop's."""
    held: dict[tuple[str, str], str] = {}
    errors = ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    module = ModuleType("keyring")

    def get_password(service: str, user: str) -> str | None:
        if service == "locked":
            raise errors.KeyringError(MARKER)
        return held.get((service, user))

    module.get_password = get_password  # type: ignore[attr-defined]
    module.errors = errors  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return held


def test_keyring_gives_what_service_and_user_name(keyring: dict[tuple[str, str], str]) -> None:
    """SEC-1: service and user, or a user of our own service."""
    keyring["pec-autorenew", "studio"] = "first"
    keyring["https://pec.example/x", "studio"] = "second"
    assert resolve(SecretReference(keyring="studio")) == SecretStr("first")
    assert resolve(SecretReference(keyring="pec-autorenew/studio")) == SecretStr("first")
    assert resolve(SecretReference(keyring="https://pec.example/x/studio")) == SecretStr("second")


@pytest.mark.usefixtures("keyring")
def test_keyring_that_is_empty_or_locked_is_named() -> None:
    """SEC-1: a key-ring's own words stay out of the message."""
    assert "holds nothing for studio" in refused(SecretReference(keyring="studio"))
    assert "KeyringError" in refused(SecretReference(keyring="locked/studio"))


def test_keyring_without_the_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """ENV-1: the extra is optional, and its absence is said in words."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install 'pec-autorenew[keyring]'" in refused(SecretReference(keyring="studio"))


def test_credential_is_read_from_systemds_folder(tmp_path: Path, planted: Planted) -> None:
    """SEC-1: a unit's credential, whose permissions are systemd's business."""
    planted(tmp_path / "studio").write_text(f"{MARKER}\n")
    reference = SecretReference(credential="studio")
    assert resolve(reference, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == SecretStr(MARKER)
    assert "LoadCredential=studio" in refused(reference)
    assert "no credential other" in refused(SecretReference(credential="other"), CREDENTIALS_DIRECTORY=str(tmp_path))


def test_credential_is_read_from_a_containers_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: Planted
) -> None:
    """SEC-1: Docker's and Podman's secrets are a folder, and readable to all who live in the container."""
    monkeypatch.setattr(credentials, "CONTAINER_SECRETS", str(tmp_path))
    secret = planted(tmp_path / "studio")
    secret.write_text(f"{MARKER}\n")
    secret.chmod(0o444)
    assert resolve(SecretReference(credential="studio"), {}) == SecretStr(MARKER)
    assert str(tmp_path) in refused(SecretReference(credential="other"))
