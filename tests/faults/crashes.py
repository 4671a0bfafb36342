"""A client that is killed and run again: the process of its own, the moment, and what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.mock_portal import wire
from tests.cli.users import BIANCA, HEAD, MARKS, REPOSITORY, User
from tests.faults.scene import DUE, PATIENCE
from tests.faults.victim import ON_DISK, PLACES, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.scene import Scene

#: Moments that the portal knows of, and no function of the client.
TAKEN: Final = "the portal has taken the order"
ASKED: Final = "the portal is asked for something"
OTHERS: Final = ("sorbo.seconda@pec.it", "sorbo.terza@pec.it")


@dataclass
class Crash:
    """A scene whose first runs are processes that end too early."""

    scene: Scene
    home: Path

    def __post_init__(self) -> None:
        """Write the configuration of somebody whose state the scene shares."""
        portal = self.scene.portal
        portal.truth.change_account("200001@aruba.it", password=MARKS["PEC_BIANCA"])
        self.user = User(self.home, lambda: portal.truth.clock.now().isoformat(), lambda: portal.login_origins)
        self.user.write(HEAD.format(url=portal.url) + BIANCA)

    def killed_at(self, place: str, way: Way, time: int = 1) -> int:
        """Start `renew` and end it where `place` is reached for the `time`th time; return its exit code."""
        if place in PLACES:
            return self._started(place, way, time, lambda _process: None)
        with self._portal_struck(place, time, way) as strike:
            return self._started("", way, 0, strike)

    def _started(self, place: str, way: Way, time: int, meet: Callable[[subprocess.Popen[str]], None]) -> int:
        on_disk = self.home / "on-disk"
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.faults.victim", place or "-", str(time), way.value, "renew", "--json"],
            env={**self.user.environment, ON_DISK: str(on_disk), "PEC_AUTORENEW_BROWSER__ACTION_TIMEOUT": PATIENCE},
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        meet(process)
        try:
            out, err = process.communicate(timeout=100)
            self.user.said += [out, err]
        finally:
            if way is Way.POWER:
                _end(process.pid)
        if way is Way.POWER and on_disk.exists():
            self._lights_on(on_disk)
        self.scene.kills += process.returncode < 0 or way is Way.TERM
        self.scene.promises.keep(json.loads(out) if out else None)
        self.scene.promises.hold()
        return process.returncode

    def _lights_on(self, on_disk: Path) -> None:
        """Put back what was on disk when the lights went out."""
        for file in self.user.state.glob("ledger.sqlite3*"):
            file.unlink()
        for file in on_disk.iterdir():
            shutil.move(file, self.user.state / file.name)
        on_disk.rmdir()

    @contextmanager
    def _portal_struck(self, moment: str, time: int, way: Way) -> Iterator[Callable[[subprocess.Popen[str]], None]]:
        """Yield what is told of the process that ends when the portal comes to the moment for the `time`th time."""
        truth, lock = self.scene.truth, Lock()
        name = "take_order" if moment == TAKEN else "record_hit"
        function, left, met = getattr(truth, name), [time], list[subprocess.Popen[str]]()

        def struck(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the portal's verb takes
            answer = function(*arguments, **named)
            with lock:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(met[0].pid, signal.SIGTERM if way is Way.TERM else signal.SIGKILL)
            return answer

        setattr(truth, name, struck)
        try:
            yield met.append
        finally:
            delattr(truth, name)


def _end(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def three_due(scene: Scene) -> None:
    """Give the customer two more mailboxes that are due."""
    first = scene.truth.mailbox(DUE)
    for address in OTHERS:
        scene.truth.add_mailbox(wire.change(first, {"address": address}))
    scene.due = (DUE, *OTHERS)
    scene.promises = type(scene.promises).of(scene.truth, scene.due)
