"""From a reference to the secret itself, as late as possible; no message here ever holds a value (SEC-1)."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from pec_autorenew.errors import SecretUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.config import SecretReference

#: Long enough for a key-ring that asks its owner, short enough for an unattended run.
COMMAND_TIMEOUT: Final = 30.0
#: Where Docker, Podman and Compose put a container's secrets; who may read them is the container's business.
CONTAINER_SECRETS: Final = "/run/secrets"
#: The key-ring service that is meant where the reference names only a user.
KEYRING_SERVICE: Final = "pec-autorenew"


def resolve(reference: SecretReference, environ: Mapping[str, str] | None = None) -> SecretStr:
    """Return the secret that `reference` leads to. Raises SecretUnavailable, which says where it was sought."""
    try:
        secret = _look_up(reference, os.environ if environ is None else environ)
    except SecretUnavailable as error:
        error.__context__ = None  # the library's own error may hold what was read
        raise
    if not secret:
        raise SecretUnavailable(f"The secret ({reference}) is empty.")
    return SecretStr(secret)


def mark_of(secret: SecretStr, owner: str) -> str:
    """Return a mark that is the same for the same secret of the same owner, too slow and too short to lead back."""
    salt = hashlib.sha256(owner.encode()).digest()
    return hashlib.scrypt(secret.get_secret_value().encode(), salt=salt, n=2**14, r=8, p=1, dklen=4).hex()


def _look_up(reference: SecretReference, environ: Mapping[str, str]) -> str:
    match reference.kind:
        case "env":
            return _from_environment(reference.env or "", environ)
        case "file":
            return _from_file(Path(reference.file or ""))
        case "command":
            return _from_command(reference.command or ())
        case "keyring":
            return _from_keyring(reference.keyring or "")
        case _:
            return _from_credential(reference.credential or "", environ)


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise SecretUnavailable(f"The environment variable {name} is not set.")
    return environ[name]


def _from_file(path: Path) -> str:
    """Look at the file that was opened, so that it cannot be exchanged between the look and the reading."""
    try:
        with path.open(encoding="utf-8") as stream:
            if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
                raise SecretUnavailable(f"Others can read the secret in {path}: run `chmod 600 {path}`.")
            return _without_newline(stream.read())
    except OSError as error:
        raise SecretUnavailable(f"The secret in {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SecretUnavailable(f"The secret in {path} is not text in UTF-8.") from None


def _from_command(command: tuple[str, ...]) -> str:
    """Run the program without a shell; what it prints to stderr goes to the user, what it asks, to nobody."""
    program = command[0]
    try:
        done = subprocess.run(  # noqa: S603 - the command is the configuration's own, and no shell reads it
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=COMMAND_TIMEOUT, check=False
        )
        lines = done.stdout.decode("utf-8").splitlines()
    except OSError as error:
        raise SecretUnavailable(f"The program {program} cannot be started: {error.strerror}.") from None
    except subprocess.TimeoutExpired:
        raise SecretUnavailable(f"The program {program} gave no secret within {COMMAND_TIMEOUT:.0f} s.") from None
    except UnicodeDecodeError:
        raise SecretUnavailable(f"The program {program} printed something that is not text in UTF-8.") from None
    if done.returncode:
        raise SecretUnavailable(f"The program {program} ended with {done.returncode}.")
    return lines[0] if lines else ""


def _from_keyring(place: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise SecretUnavailable(
            "The key-ring needs an extra: pip install 'pec-autorenew[keyring]', or use another reference."
        ) from None
    service, _, user = place.rpartition("/")
    try:
        secret = keyring.get_password(service or KEYRING_SERVICE, user)
    except keyring.errors.KeyringError as error:
        raise SecretUnavailable(f"The key-ring does not answer ({type(error).__name__}).") from None
    if secret is None:
        raise SecretUnavailable(f"The key-ring holds nothing for {user} in {service or KEYRING_SERVICE}.")
    return secret


def _from_credential(name: str, environ: Mapping[str, str]) -> str:
    """Look in systemd's folder for the unit, else in the one that a container has for its secrets."""
    folder = Path(environ.get("CREDENTIALS_DIRECTORY") or CONTAINER_SECRETS)
    try:
        return _without_newline((folder / name).read_text("utf-8"))
    except FileNotFoundError:
        raise SecretUnavailable(
            f"There is no credential {name}: a systemd unit has it by LoadCredential={name}:…, a container as a secret "
            f"in {CONTAINER_SECRETS}."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnavailable(f"The credential {name} cannot be read ({type(error).__name__}).") from None


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")
