"""What other people on the machine can see of a run: the arguments of its processes, and what they are given."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.users import BIANCA, HEAD, MARKS
from tests.markers import STEM, found_in

if TYPE_CHECKING:
    from tests.cli.users import Start, User


def children_of(pid: int) -> set[int]:
    """Return a process and all that it has started, as far as they live."""
    found = {pid}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in read(task).split():
            found |= children_of(int(child))
    return found


def read(path: Path) -> bytes:
    """Return what a file of the kernel's says; nothing, where the process has gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def watched(user: User, *arguments: str) -> tuple[int, dict[bytes, set[bytes]]]:
    """Run the client; return its exit code, and its processes' environments by their arguments."""
    seen: dict[bytes, set[bytes]] = {}
    with subprocess.Popen(  # noqa: S603 - our own program
        user.command(*arguments),
        env=user.environment,
        cwd=user.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while True:
            for pid in children_of(process.pid):
                seen.setdefault(read(Path(f"/proc/{pid}/cmdline")), set()).add(read(Path(f"/proc/{pid}/environ")))
            try:
                return process.wait(timeout=0.05), seen
            except subprocess.TimeoutExpired:
                continue  # it goes on: look again


def test_no_process_of_a_run_shows_a_secret_in_its_arguments(user: User, start: Start) -> None:
    """SEC-1: from the first process to the last, and the browser is not even given one in its environment."""
    portal = start("single")
    user.write(HEAD.format(url=portal.url) + BIANCA)
    code, seen = watched(user, "renew")
    assert (code, len(portal.truth.orders)) == (0, 1)
    assert [arguments for arguments in seen if set(found_in(arguments))] == []
    browsers = {
        arguments: given for arguments, given in seen.items() if b"--type=" in arguments or b"--headless" in arguments
    }
    assert browsers, "no browser was seen: nothing is proven"
    assert all(set(found_in(one)) == set() for given in browsers.values() for one in given)
    (client,) = [given for arguments, given in seen.items() if arguments.endswith(b"pec_autorenew\0renew\0")]
    assert any(STEM in set(found_in(one)) for one in client), "the secret was not there at all: nothing is proven"
    assert MARKS["PEC_BIANCA"].startswith(STEM)
