"""The image and its surroundings, as far as they can be read; scripts/try_in_debian.sh runs its steps."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from pec_autorenew.config import SecretReference
from pec_autorenew.credentials import CONTAINER_SECRETS, resolve
from pec_autorenew.errors import SecretUnavailable

ROOT: Final = Path(__file__).parents[2]
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: Final = (ROOT / "compose.yaml").read_text("utf-8")


def test_dockerfile_passes_its_linter() -> None:
    """Issue 6: where no engine runs, the Dockerfile is at least linted."""
    done = subprocess.run(  # noqa: S603 - the tool beside this test's own Python
        [Path(sys.executable).with_name("hadolint"), "--no-color", "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_image_is_debian_s_and_runs_as_an_ordinary_user() -> None:
    """SEC-5: a number, so that Kubernetes can tell that it is not root; no flag takes the sandbox away."""
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"debian:bookworm-slim"}
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert "no-sandbox" not in DOCKERFILE + COMPOSE


def test_image_is_built_from_the_package_alone() -> None:
    """SEC-1: no configuration, no secret and no state can get into it from the folder."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [line for line in ignored if not line.startswith(("#", "!"))] == ["*", "**/__pycache__"]
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert let_in == {
        "pec_autorenew",
        "config.example.toml",
        "constraints.txt",
        "LICENSE",
        "README.md",
        "pyproject.toml",
    }


def test_compose_gives_the_container_nothing_that_it_does_not_need() -> None:
    """SEC-5: no capability, no new privileges, nothing to write but state and temporary files."""
    for line in ("read_only: true", "cap_drop: [ALL]", "- no-new-privileges:true", "init: true", "secrets: [studio]"):
        assert re.search(rf"^ +{re.escape(line)}$", COMPOSE, re.MULTILINE), line
    assert "seccomp=docker/seccomp.json" in COMPOSE
    assert "unconfined" not in COMPOSE
    assert "privileged: true" not in COMPOSE
    assert "environment:" not in COMPOSE


def test_seccomp_profile_allows_the_browser_s_sandbox_and_little_else() -> None:
    """SEC-5: namespaces and chroot for the sandbox; no mounts, no tracing, no modules."""
    profile = json.loads((ROOT / "docker" / "seccomp.json").read_text("utf-8"))
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    (rule,) = profile["syscalls"]
    assert rule["action"] == "SCMP_ACT_ALLOW"
    names = set(rule["names"])
    assert {"clone", "clone3", "unshare", "chroot", "capset", "seccomp", "execve"} <= names
    assert not names & {"mount", "pivot_root", "setns", "ptrace", "bpf", "init_module", "kexec_load", "keyctl"}
    assert not names & {
        "reboot",
        "swapon",
        "acct",
        "settimeofday",
        "perf_event_open",
        "userfaultfd",
    }


def test_secret_of_a_container_is_what_the_reference_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1: `{ credential = "studio" }` is looked for where Compose puts its secret of that name."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretUnavailable, match=CONTAINER_SECRETS):
        resolve(SecretReference(credential="studio-which-is-not-here"))


def test_trial_in_debian_knows_every_step_of_the_dockerfile() -> None:
    """Issue 6: the script runs the file's own steps; one that it does not know would end it."""
    script = (ROOT / "scripts" / "try_in_debian.sh").read_text("utf-8")
    known = set(re.findall(r"^        ([A-Z]+(?: \| [A-Z]+)*)\)", script, re.MULTILINE))
    steps = set(re.findall(r"^([A-Z]+) ", DOCKERFILE, re.MULTILINE))
    assert steps <= {word for one in known for word in one.split(" | ")}
