"""Workers: a process for a browser, killed when it is late or silent, with all that it started; the run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import psutil
import pytest

from pec_autorenew.engine import crew as crews
from pec_autorenew.engine import reaping, stopping
from pec_autorenew.engine.local import Command, Runner, Task
from pec_autorenew.engine.visit import unexpected
from pec_autorenew.errors import (
    BrowserLost,
    Drift,
    FormChanged,
    FormLost,
    LedgerError,
    OutcomeUnknown,
    SessionEnded,
    SignInRejected,
    UnexpectedPage,
    VisitOverdue,
)
from pec_autorenew.model import MailboxType, PaymentMethod, WantedMailbox, WantedOrder
from pec_autorenew.planning import NO_MANDATE
from pec_autorenew.states import RenewalState
from tests.engine.double import TODAY
from tests.engine.filed import Ends, Raises, Workshop
from tests.engine.office import account, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pec_autorenew.engine.crew import Worker
    from pec_autorenew.engine.local import Result
    from pec_autorenew.engine.remote import RemotePortal
    from pec_autorenew.engine.task import Portals
    from tests.engine.office import Office

#: For a call that never ends: it is late after any time.
SHORT_S = 0.2
#: By it a worker that will not answer says so, in the place of a clock.
LATE = signal.SIGUSR1
SECRET = "a-word-that-is-secret"


def descendants() -> set[int]:
    """Return the processes that this one has started, and theirs."""
    return {one.pid for one in psutil.Process().children(recursive=True)}


def lives(pid: int) -> bool:
    """Whether a process is neither gone nor dead: an orphan is buried by whoever is the machine's first process."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def wait_for_death(process: psutil.Process) -> None:
    """Wait until a process is dead, and say where it does not die."""
    until = time.monotonic() + 30
    while lives(process.pid):
        assert time.monotonic() < until, process
        psutil.wait_procs([process], timeout=0.05)


@pytest.fixture
def shop(office: Office, tmp_path: Path) -> Iterator[Workshop]:
    """Give a workshop with a mailbox that is due; at the end no process of it is left, and no folder."""
    before = descendants()
    office.truth.add("a@pec.it", 10)
    office.truth.sessions.add("studio")
    shop = Workshop(tmp_path, office.truth)

    def strike(_number: int, _frame: object) -> None:
        for worker in workers_of(shop):
            worker.strike()

    heard = signal.signal(LATE, strike)
    yield shop
    signal.signal(LATE, heard)
    assert descendants() <= before
    assert not list(shop.state_dir.glob("cache/workers/*"))


def workers_of(shop: Workshop) -> list[Worker]:
    """Return the living workers of the crew that is at work."""
    assert shop.at_work is not None
    return [one for one in shop.at_work._workers if one.gone is None]


def portal_of(workers: crews.Crew, office: Office, number: int = 0) -> RemotePortal:
    """Open the visit of an account."""
    return workers(office.config.accounts[number])


def never() -> None:
    """Be asked nothing."""
    raise AssertionError


WANTED = WantedOrder(
    "studio",
    (WantedMailbox("a@pec.it", TODAY + timedelta(days=10), MailboxType.STANDARD),),
    1,
    PaymentMethod.BONIFICO,
    NO_MANDATE,
    None,
    frozenset({"a@pec.it"}),
)


# -- a call that does not come back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["hangs", "is stopped", "is killed", "leaves"])
def test_worker_that_does_not_answer_is_gone_with_its_browser(shop: Workshop, office: Office, how: str) -> None:
    """RES-1: late or dead, the call raises, nothing of the worker is left, and the next account has a fresh one."""
    office.configure(account("studio"), account("other"))
    shop.truth.sessions.add("other")
    shop.truth.script["survey"].append(Ends(how))
    before = descendants()
    with shop.crew() as workers:
        portal = portal_of(workers, office)
        portal.sign_in(never)
        started = descendants() - before
        assert len(started) == 2, "a worker and what stands for its browser"
        late = how in {"hangs", "is stopped"}
        portal.left = SHORT_S if late else portal.left
        with pytest.raises(VisitOverdue if late else BrowserLost):
            portal.survey()
        assert not any(map(lives, started)), "not even an orphan"
        with pytest.raises(VisitOverdue if late else SessionEnded):
            portal.survey()
        assert portal.evidence("x") == ()
        portal.close()
        other = portal_of(workers, office, 1)
        other.sign_in(never)
        assert other.survey().account == "other"


@pytest.mark.parametrize("step", ["prepare", "form", "click"])
def test_deadline_ends_whichever_call_hangs(shop: Workshop, office: Office, step: str) -> None:
    """RES-1: even the one after whose answer nobody knows more."""
    shop.truth.script[step].append(Ends("hangs", LATE))
    with shop.crew() as workers:
        portal = portal_of(workers, office)

        def walk() -> None:
            portal.sign_in(never)
            portal.survey()
            portal.place_order(portal.prepare_renewal(WANTED), lambda: None)

        with pytest.raises(VisitOverdue, match="visit_deadline"):
            walk()
        assert portal.left <= 0
        portal.close()
    assert shop.truth.clicks == (step == "click")


# -- errors and questions ----------------------------------------------------------------------------------------------


def test_errors_come_back_as_they_were(shop: Workshop, office: Office) -> None:
    """SIL-4, SEC-1: class, words, reason, page, evidence and cause; what nobody foresaw keeps kind and place only."""
    drift = UnexpectedPage("another page", page="Home", evidence=("x.png",), snapshot="- text", picture=b"png")
    changed = Raises(FormChanged("dearer", reason="price-changed"), drift)
    shop.truth.script["survey"] += [drift, changed, KeyError(SECRET)]
    with shop.crew() as workers:
        portal = portal_of(workers, office)
        portal.sign_in(never)
        with pytest.raises(UnexpectedPage) as seen:
            portal.survey()
        assert vars(seen.value) == vars(drift)
        with pytest.raises(FormChanged, match="dearer") as caught:
            portal.survey()
        assert caught.value.reason == "price-changed"
        assert isinstance(caught.value.__cause__, Drift)
        with pytest.raises(Exception, match="KeyError") as surprise:
            portal.survey()
        assert unexpected(surprise.value).message.startswith("an unexpected KeyError in double.py, line ")
        assert SECRET not in repr(surprise.value)
        assert portal.survey().account == "studio", "the worker goes on after errors"
        portal.close()


def test_questions_are_answered_by_the_run(shop: Workshop, office: Office) -> None:
    """HUM-3, DUP-7: what forbids password or click is raised there, comes back as itself, and nothing is done."""
    shop.truth.sessions.clear()
    refusal, unforeseen = SignInRejected("refused before"), ZeroDivisionError(SECRET)
    with shop.crew() as workers:
        portal = portal_of(workers, office)

        def forbid() -> None:
            assert portal.secret_mark() == "mark-of-first", "the run may call while it is asked"
            raise refusal

        with pytest.raises(SignInRejected) as caught:
            portal.sign_in(forbid)
        assert caught.value is refusal
        asked: list[str] = []
        portal.sign_in(lambda: asked.append("password"))
        prepared = portal.prepare_renewal(WANTED)
        assert (prepared.form.gross, prepared.cart) == (shop.truth.boxes["a@pec.it"].price, {"a@pec.it": "STANDARD"})
        for error in (LedgerError("the disk is full"), unforeseen):

            def fail(error: Exception = error) -> None:
                raise error

            with pytest.raises(type(error)) as told:
                portal.place_order(prepared, fail)
            assert told.value is error
        placed = portal.place_order(prepared, lambda: asked.append("click"))
        assert asked == ["password", "click"]
        assert placed.order_number == "1001"
        portal.close()
    assert (shop.truth.clicks, shop.truth.passwords_typed) == (1, ["studio"])


def test_interrupt_while_the_worker_waits_for_an_answer_presses_nothing(shop: Workshop, office: Office) -> None:
    """RES-2: a request to end that is heard in the middle of a call ends the worker first."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with shop.crew() as workers:
        portal = portal_of(workers, office)
        portal.sign_in(never)
        prepared = portal.prepare_renewal(WANTED)
        with pytest.raises(KeyboardInterrupt):
            portal.place_order(prepared, interrupt)
        assert prepared.worker.gone is not None
        portal.close()
    assert shop.truth.clicks == 0


def test_prepared_order_that_went_with_its_worker_was_never_pressed(shop: Workshop, office: Office) -> None:
    """RES-1: between form and click the browser died: FormLost, with the reason as its cause."""
    with shop.crew() as workers:
        portal = portal_of(workers, office)
        portal.sign_in(never)
        prepared = portal.prepare_renewal(WANTED)
        killed(prepared.worker)
        with pytest.raises(BrowserLost):
            portal.survey()
        with pytest.raises(FormLost) as caught:
            portal.place_order(prepared, never)
        assert isinstance(caught.value.__cause__, BrowserLost)
        with pytest.raises(SessionEnded):
            portal.survey()
        portal.sign_in(never)
        assert portal.survey().account == "studio", "signed in anew, in another browser"
        portal.close()


def killed(worker: Worker) -> None:
    """Kill a worker, and wait until it is dead."""
    os.kill(worker.pid, signal.SIGKILL)
    wait_for_death(psutil.Process(worker.pid))


def test_browser_that_died_alone_takes_its_worker_along(shop: Workshop, office: Office) -> None:
    """RES-1: the call's own error is raised, and the next one is in a fresh browser."""
    shop.truth.script["survey"].append(OutcomeUnknown("the browser reports: closed"))
    with shop.crew() as workers:
        portal = portal_of(workers, office)
        portal.sign_in(never)
        dead = shop.file.path.with_suffix(".dead")
        dead.touch()
        with pytest.raises(OutcomeUnknown):
            portal.survey()
        dead.unlink()
        with pytest.raises(SessionEnded):
            portal.survey()
        portal.close()


def test_worker_makes_room_for_a_fresh_one(shop: Workshop, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """RES-3: after so many visits its browser is closed; a visit that was still open there signs in anew."""
    monkeypatch.setattr(crews, "MOST_VISITS", 2)
    names = list("abcd")
    office.configure(*map(account, names))
    shop.truth.sessions |= set(names)
    with shop.crew() as workers:
        portals = [portal_of(workers, office, number) for number in range(4)]
        for portal in portals:
            portal.sign_in(never)
        with pytest.raises(SessionEnded):
            portals[0].survey()
        portals[0].sign_in(never)
        assert portals[0].survey().account == "a"
    processes = [one.split() for one in shop.truth.opened]
    assert [name for name, _ in processes] == ["a", "b", "c", "d", "a"]
    assert len({process for _, process in processes}) == 3
    assert shop.at_work is not None
    assert [one._process.returncode for one in shop.at_work._workers] == [0, 0, 0], "each ended by itself"


# -- the ways out ------------------------------------------------------------------------------------------------------

HANGING = """
import sys
from pathlib import Path
from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.engine import crew as crews
from tests.engine.filed import File, filed
from tests.engine.office import CONFIG, account
from functools import partial

config = Config.from_layers((Layer("file", {**CONFIG, "accounts": [account("studio")]}),))
folder = Path(sys.argv[1])
if sys.argv[2] == "hangs":  # on a system whose kernel is no help
    alone = " sys.modules[main.__module__]._ask_kernel_to_die_too = int; main(wire"
    crews.BOOT = crews.BOOT.replace(" main(wire", alone)
with crews.crew(partial(filed, folder / "truth"), folder / "state", 60) as workers:
    portal = workers(config.accounts[0])
    portal.sign_in(lambda: None)
    print("signed in", flush=True)
    portal.survey()
"""


@pytest.mark.parametrize("how", ["hangs", "is stopped"])
def test_run_that_is_killed_takes_its_workers_along(shop: Workshop, how: str) -> None:
    """RES-2: kill -9 of the run ends the worker, even one that is stopped; the next run ends what its browser left."""
    shop.truth.script["survey"].append(Ends(how))
    shop.file.write(shop.truth)
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", HANGING, str(shop.folder), how], stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        (worker, *_), browser = psutil.Process(run.pid).children(), psutil.Process(run.pid).children(recursive=True)[-1]
        assert worker.pid != browser.pid
        run.kill()
    wait_for_death(worker)
    assert browser.is_running(), "this one has no driver that ends it"
    with shop.crew():
        wait_for_death(browser)


def test_crew_that_does_nothing_leaves_nothing(shop: Workshop) -> None:
    """RES-2: a run that ends before it asks for anything, by an error."""
    with pytest.raises(ZeroDivisionError), shop.crew():
        raise ZeroDivisionError
    assert shop.truth.opened == []


# -- runs --------------------------------------------------------------------------------------------------------------


def run(shop: Workshop, office: Office, command: str = "renew", **task: Any) -> Result:  # noqa: ANN401 - a task's fields
    """Run a command with the workshop's crew."""
    shop.truth.sessions.clear()  # which nobody would know the owner of
    portals = cast("Portals", shop.crew)
    runner = Runner(office.config, office.ledger, portals, office.clock, office.watcher, office.slept.append)
    return runner.run(Task(Command(command), **task))


@pytest.mark.parametrize(("step", "how"), [("sign_in", "is killed"), ("survey", "hangs"), ("prepare", "is killed")])
def test_death_before_the_click_orders_nothing_and_stops_one_account(
    shop: Workshop, office: Office, step: str, how: str
) -> None:
    """RES-1: no renewal is written, the other account is served, and the next run orders."""
    office.configure(account("studio"), account("other"))
    shop.truth.add("b@pec.it", 12, "other")
    shop.truth.script[step].append(Ends(how, LATE if how == "hangs" else 0))
    told = said(run(shop, office))
    reason = "timeout" if how == "hangs" else "browser-died"
    assert (told.get("a@pec.it") or told[None]) == ("failed", reason)
    assert told["b@pec.it"] == ("awaiting-payment", "ordered")
    assert office.renewals("a@pec.it") == ()
    assert said(run(shop, office))["a@pec.it"] == ("awaiting-payment", "ordered")
    assert len(shop.truth.orders) == 2


@pytest.mark.parametrize(("how", "step", "outcome", "later"), [
    ("is killed", "before-click", "unknown", "unknown"),
    ("is killed", "answer", "awaiting-payment", "awaiting-payment"),
    ("is stopped", "answer", "unknown", "awaiting-payment"),
])  # fmt: skip
def test_death_at_the_click_is_looked_up(
    shop: Workshop, office: Office, how: str, step: str, outcome: str, later: str
) -> None:
    """RES-1, DUP-4: a dead browser's order is looked for in a fresh one; a late visit has no time left: `unknown`."""
    shop.truth.script[step].append(Ends(how, 0 if how == "is killed" else LATE))
    assert said(run(shop, office))["a@pec.it"][0] == outcome
    (renewal,) = office.renewals("a@pec.it")
    assert renewal.state.value == outcome
    assert said(run(shop, office))["a@pec.it"][0] == later
    assert len(shop.truth.orders) == shop.truth.clicks == (step == "answer")


def test_form_that_went_with_its_browser_is_a_renewal_that_failed(shop: Workshop, office: Office) -> None:
    """RES-1: `submitting` was written, the browser died before it was asked to press: `failed`, never `unknown`."""
    submit = office.ledger.submit

    def and_die(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - the ledger's verb
        renewals = submit(*arguments, **named)
        (worker,) = workers_of(shop)
        worker.kill("somebody killed it")
        return renewals

    office.ledger.submit = and_die  # type: ignore[method-assign]
    result = run(shop, office)
    assert said(result)["a@pec.it"] == ("failed", "browser-died")
    assert office.renewals("a@pec.it")[0].state is RenewalState.FAILED
    assert shop.truth.clicks == 0


def hang(office: Office, *, once: bool) -> None:
    """Let whoever watches hear no more, ever, or only the first thing."""
    left = [1 if once else 1_000]

    def heard(_: object) -> None:
        left[0] -= 1
        if left[0] >= 0:
            threading.Event().wait()

    office.watcher.look = heard  # type: ignore[method-assign,assignment]
    office.watcher.done = heard  # type: ignore[method-assign,assignment]


def test_run_that_cannot_even_end_is_left(shop: Workshop, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """RES-1: what hangs after the run's time was over, too, has a last time."""
    office.configure(browser={"run_deadline": "1 s"}, renewal={"jitter": "0 s"})
    monkeypatch.setattr(stopping, "LAST_WORDS_S", 1.0)
    hang(office, once=False)
    with pytest.raises(stopping.Overtime):
        run(shop, office)


def test_leftovers_of_a_run_that_died_are_swept(shop: Workshop) -> None:
    """RES-2: processes that were given a folder of ours, and the folder, before the next run starts a worker."""
    folder = shop.state_dir / "cache" / "workers" / "old"
    folder.mkdir(parents=True)
    (folder / "playwright_chromiumdev_profile-x").touch()
    left = subprocess.Popen(
        [sys.executable, "-c", "import threading; threading.Event().wait()"],
        env={**os.environ, reaping.FOLDER_VARIABLE: str(folder)},
    )
    with shop.crew():
        left.wait(timeout=10)
        assert not folder.exists()
