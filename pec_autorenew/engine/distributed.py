"""Workers on any number of machines, by Procrastinate over the ledger's PostgreSQL.

The queue only delivers the names of accounts, at least once. It is disposable: the ledger knows which are still open,
and what is missing in the queue is put into it again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import psycopg
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import DeleteJobCondition
from procrastinate.schema import SchemaManager
from psycopg import sql

from pec_autorenew.engine.sweeping import SIGNS
from pec_autorenew.errors import AnotherRun, Interrupted, LedgerError, PecAutorenewError
from pec_autorenew.ledger import conninfo
from pec_autorenew.ledger.database import READS_COMMITTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate.jobs import Job

    from pec_autorenew.engine.lanes import Lanes
    from pec_autorenew.engine.sweeping import Sweeper

_VISITS: Final = "visits"
_TENDING: Final = "tending"
#: The name of the lock under which one worker makes the queue's tables.
_MAKING: Final = 0x5045_4351
#: How many accounts are put into the queue in one go.
_BATCH: Final = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """How often a worker looks, in seconds."""

    #: For an account to visit, where nobody told it that there is one.
    poll: float = 0.2
    #: After what the sweeps need; a whole number.
    tend: int = 10
    #: A worker's sign of life to the queue, and how long without one it counts as dead there.
    heartbeat: float = 10.0
    dead_after: float = 30.0
    #: Until an account is tried again that another worker holds, or at which something broke.
    again: float = 10.0
    #: How long visits may still take when the worker is asked to end.
    patience: float = 60.0


class _Again(BaseRetryStrategy):
    """An account that is still open is delivered again; that it may not be for ever is the sweep's own rule."""

    def __init__(self, after: timedelta) -> None:
        self.after = after

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002 - as it is called
        """Return when: at once where a worker was only asked to end."""
        seconds = 0 if isinstance(exception, Interrupted) else int(self.after.total_seconds())
        return RetryDecision(retry_in={"seconds": seconds})


@dataclass(slots=True)
class Fleet:
    """One worker: takes accounts from the queue until it is asked to end, or until a sweep is over."""

    sweeper: Sweeper
    lanes: Lanes
    width: int
    timing: Timing = field(default_factory=Timing)
    #: Asked now and then whether this worker is done.
    until: Callable[[], bool] = lambda: False
    _app: App = field(init=False)

    def __post_init__(self) -> None:
        """Name the tasks."""
        address = conninfo(self.sweeper.config.ledger_url)
        options = {"options": f"-c search_path={_schema()} {READS_COMMITTED}"}
        self._app = App(connector=PsycopgConnector(conninfo=address, kwargs=options, min_size=1, max_size=6))
        again = _Again(timedelta(seconds=self.timing.again))
        self._app.task(name="visit", queue=_VISITS, retry=again)(self._visit)
        tend = self._app.task(name="tend", queue=_TENDING, queueing_lock="tend")(self._tend)
        self._app.periodic(cron=f"* * * * * */{self.timing.tend}")(tend)

    def serve(self) -> None:
        """Work. SIGTERM and Ctrl-C end it: visits under way may come to their end for a while, then go elsewhere."""
        _make_queue(self.sweeper.config.ledger_url)
        asyncio.run(self._serve())

    # -- tasks -----------------------------------------------------------------------------------------------------

    def _visit(self, *, run_id: str, account: str) -> None:
        try:
            self.sweeper.visit(run_id, account)
        except (AnotherRun, Interrupted):
            raise
        except PecAutorenewError as error:
            _log.warning("%s is visited again: %s", account, error.message)
            raise

    async def _tend(self, timestamp: int) -> None:  # noqa: ARG002 - the tick's own
        """See to the sweeps, and to the accounts whose worker died or that the queue has lost."""
        try:
            under_way = await asyncio.to_thread(self.sweeper.tend)
        except LedgerError as error:
            _log.warning("the sweeps could not be tended: %s", error.message)
            return
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(queue=_VISITS, seconds_since_heartbeat=self.timing.dead_after):
            await manager.retry_job(job)
        for run_id in under_way:
            await self._put_missing(run_id)

    async def _put_missing(self, run_id: str) -> None:
        queued = await self._app.job_manager.list_queues_async(queue=_VISITS)
        known = sum(one["todo"] + one["doing"] for one in queued)
        if known >= await asyncio.to_thread(self.sweeper.ledger.count_open_visits, run_id):
            return
        jobs = [
            job
            for status in ("todo", "doing")
            for job in await self._app.job_manager.list_jobs_async(queue=_VISITS, status=status)
        ]
        there = {job.task_kwargs["account"] for job in jobs if job.task_kwargs["run_id"] == run_id}
        missing = [one for one in await asyncio.to_thread(self.sweeper.ledger.open_visits, run_id) if one not in there]
        for start in range(0, len(missing), _BATCH):
            batch: list[dict[str, Any]] = [
                {"run_id": run_id, "account": one} for one in missing[start : start + _BATCH]
            ]
            await self._app.configure_task("visit", queue=_VISITS).batch_defer_async(*batch)

    # -- the worker's own life -------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self.width + 4, thread_name_prefix="visit"))
        asked_to_end = asyncio.Event()
        for request in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(request, asked_to_end.set)
        async with self._app.open_async():
            workers = [self._work([_VISITS], self.width), self._work([_TENDING], 1)]
            beside = asyncio.create_task(self._beside(asked_to_end))
            try:
                done, _ = await asyncio.wait([*workers, beside], return_when=asyncio.FIRST_COMPLETED)
            finally:
                await self._leave(workers)
                beside.cancel()
        for task in done:
            if task is not beside:
                task.result()  # it does not end by itself: what ended it is raised

    def _work(self, queues: list[str], width: int) -> asyncio.Task[None]:
        return asyncio.create_task(
            self._app.run_worker_async(
                queues=queues,
                concurrency=width,
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.ALWAYS,
                fetch_job_polling_interval=self.timing.poll,
                update_heartbeat_interval=self.timing.heartbeat,
                stalled_worker_timeout=self.timing.dead_after,
            )
        )

    async def _beside(self, asked_to_end: asyncio.Event) -> None:
        """Give signs of life to the ledger until this worker is asked to end, or has nothing more to do."""
        seconds = self.sweeper.lease.total_seconds() / SIGNS
        while not asked_to_end.is_set():
            try:
                await asyncio.wait_for(asked_to_end.wait(), min(seconds, self.timing.tend))
            except TimeoutError:
                try:
                    await asyncio.to_thread(self.sweeper.show_life)
                    if await asyncio.to_thread(self.until):
                        return
                except LedgerError as error:
                    _log.warning("no sign of life could be written: %s", error.message)

    async def _leave(self, workers: list[asyncio.Task[None]]) -> None:
        """Take nothing more, wait a while for what is under way, then take its browsers away."""
        for worker in workers:
            worker.cancel()
        _, late = await asyncio.wait(workers, timeout=self.timing.patience)
        self.sweeper.stopping.set()
        await asyncio.to_thread(self.lanes.close)
        if late:
            await asyncio.wait(late)


def _schema() -> str:
    """Return the name of the queue's own schema: another version of Procrastinate begins with an empty one."""
    return f"pec_queue_{version('procrastinate').replace('.', '_')}"


def _make_queue(ledger_url: str) -> None:
    """Make the queue's tables beside the ledger's, once, whichever worker comes first. Raises LedgerError."""
    try:
        with psycopg.connect(conninfo(ledger_url)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(_schema())))
            connection.execute("SELECT set_config('search_path', %s, true)", (_schema(),))
            made = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if made == (None,):
                connection.execute(SchemaManager.get_schema())
    except psycopg.Error as error:
        raise LedgerError(f"the queue could not be made beside the ledger: {str(error).strip()}") from error
