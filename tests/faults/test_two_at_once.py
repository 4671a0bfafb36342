"""Two clients at the same time: one order, and the second says that another is at work."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.users import BIANCA, HEAD, User
from tests.faults.scene import DUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.users import Done
    from tests.faults.crashes import Crash
    from tests.faults.scene import Scene


def when_ordered(scene: Scene, act: Callable[[], object]) -> None:
    """Do something once, while the portal takes the first order."""
    take_order = scene.truth.take_order

    def meanwhile(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - the portal's verb
        setattr(scene.truth, "take_order", take_order)  # noqa: B010 - a method of the double, for once
        act()
        return take_order(*arguments, **named)

    setattr(scene.truth, "take_order", meanwhile)  # noqa: B010 - likewise


@pytest.mark.parametrize("elsewhere", [False, True], ids=["one machine", "two machines"])
def test_second_run_ends_at_once_while_the_first_one_orders(crash: Crash, tmp_path: Path, *, elsewhere: bool) -> None:
    """DUP-7, LCK-1: on one state folder, or with one ledger from two machines: 75, and one order."""
    scene, first, second = crash.scene, crash.user, crash.user
    ledger = f'[ledger]\nurl = "sqlite:///{tmp_path / "shared.sqlite3"}"\n'
    text = HEAD.format(url=scene.portal.url) + ledger + BIANCA
    first.write(text)
    if elsewhere:
        second = User(tmp_path / "elsewhere", first.now, first.login_origins)
        second.write(text)
    refused: list[Done] = []
    when_ordered(scene, lambda: refused.append(second.run("renew", "--json")))
    ordering = first.run("renew", "--json")
    assert ordering.items() == {DUE: ("awaiting-payment", "ordered")}
    (done,) = refused
    assert (done.code, done.json["items"]) == (75, [])
    assert ordering.json["run_id"] in done.json["error"]["message"], "it says who is at work"
    assert (len(scene.truth.orders), scene.truth.confirm_posts) == (1, 1)
    assert second.run("renew", "--json").items() == {DUE: ("awaiting-payment", "waiting")}
    assert len(scene.truth.orders) == 1


def test_approval_given_by_two_at_once_is_one_order(crash: Crash) -> None:
    """DUP-7, PRC-7: both words are heard, the request is used once, and a later `renew` orders nothing more."""
    scene, user = crash.scene, crash.user
    user.write(HEAD.format(url=scene.portal.url) + '[renewal]\napproval = "always"\n' + BIANCA)
    (item,) = user.run("renew", "--json").json["items"]
    assert (item["outcome"], item["reason"]) == ("needs-person", "approval")
    said = [
        subprocess.Popen(user.command("approve", item["id"]), env=user.environment, stdout=subprocess.DEVNULL)  # noqa: S603
        for _ in range(2)
    ]
    assert [one.wait(timeout=60) for one in said] == [0, 0]
    assert user.run("renew", "--json").items() == {DUE: ("awaiting-payment", "ordered")}
    scene.truth.cancel_order(next(iter(scene.truth.orders)))
    assert user.run("renew", "--json").items() == {DUE: ("failed", "order-cancelled")}
    assert user.run("renew", "--json").items() == {DUE: ("needs-person", "approval")}
    assert len(scene.truth.orders) == 1
