"""The user's own programs along a run: what each is told, and what comes of its no."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pec_autorenew.cli.ending import complain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.config import Config
    from pec_autorenew.engine.task import Progress
    from pec_autorenew.hooks import Hook
    from pec_autorenew.ledger import Handover, Run
    from pec_autorenew.model import Item, WantedMailbox, WantedOrder


@dataclass(frozen=True, slots=True)
class Programs:
    """The hooks of the configuration, with the facts that each is given."""

    asked: Asked
    config: Config

    def before_run(self, run: Run) -> None:
        """Ask whether the run may begin. Raises HookFailed."""
        from pec_autorenew.hooks import Hook

        self._run(Hook.BEFORE_RUN, _of_run(run.id, run.command, run.mode), {"run": {"started_at": run.started_at}})

    def after_run(self, document: Mapping[str, Any]) -> None:
        """Tell that the run has ended, with its whole document. Raises HookFailed."""
        from pec_autorenew.hooks import Hook

        facts = _of_run(document["run_id"], document["command"], document["mode"])
        self._run(Hook.AFTER_RUN, facts | {"EXIT_CODE": document["exit_code"]}, {"report": document})

    def before_renewal(self, run_id: str, mode: str, order: WantedOrder, box: WantedMailbox) -> None:
        """Ask whether this mailbox may be ordered. Raises HookFailed."""
        from pec_autorenew.hooks import Hook

        facts = {
            "account": order.account,
            "mailbox": box.address,
            "expiry_before": box.expiry.isoformat(),
            "years": order.years,
            "payment_method": order.method.value,
        }
        self._run(Hook.BEFORE_RENEWAL, _of_run(run_id, "renew", mode) | self._of_renewal(facts), {"renewal": facts})

    def after_renewal(self, run: Run, item: Item) -> None:
        """Tell what became of a mailbox that was to be ordered. Raises HookFailed."""
        from pec_autorenew.hooks import Hook
        from pec_autorenew.results import item_as_json

        account = self.config.account(item.account)
        facts = item_as_json(item, account.client if account else "")
        self._run(
            Hook.AFTER_RENEWAL, _of_run(run.id, run.command, run.mode) | self._of_renewal(facts), {"renewal": facts}
        )

    def _of_renewal(self, item: Mapping[str, object]) -> dict[str, object]:
        account = self.config.account(str(item["account"]))
        named = {
            "ACCOUNT": "account",
            "MAILBOX": "mailbox",
            "EXPIRY": "expiry_before",
            "YEARS": "years",
            "METHOD": "payment_method",
            "GROSS": "gross",
            "ORDER_NUMBER": "order_number",
            "OUTCOME": "outcome",
            "REASON": "reason",
        }
        return {name: item.get(key) for name, key in named.items()} | {"CLIENT": account.client if account else ""}

    def _run(self, hook: Hook, facts: Mapping[str, object], document: Mapping[str, Any]) -> None:
        from pec_autorenew.errors import HookFailed
        from pec_autorenew.hooks import Hooks

        told = {name.lower(): facts[name] for name in ("RUN_ID", "COMMAND", "MODE")}
        try:
            Hooks(self.config, os.environ).run(hook, facts, {**told, **document})
        except HookFailed as error:
            if error.said:  # it may say anything: to whoever reads stderr, and to nobody else
                complain(self.asked, f"{error.message}; the last that it said: {error.said}")
            raise


@dataclass(slots=True)
class Attentive:
    """Whoever watches, and the program that is told of each mailbox once it is certain what became of its order."""

    watcher: Progress
    tell: Callable[[Item], object]
    _under_way: set[str] = field(default_factory=set)

    def look(self, account: str) -> None:
        """Hear that an account is about to be looked at."""
        self.watcher.look(account)

    def planned(self, orders: list[WantedOrder]) -> None:
        """Hear what will be ordered."""
        self.watcher.planned(orders)

    def ordering(self, order: WantedOrder) -> None:
        """Remember whose order is about to be filled in."""
        self._under_way |= order.addresses
        self.watcher.ordering(order)

    def asked(self, handover: Handover) -> None:
        """Hear what a person is asked to do."""
        self.watcher.asked(handover)

    def done(self, item: Item) -> None:
        """Tell of a mailbox that was to be ordered, unless a program has kept it from that."""
        from pec_autorenew.errors import HookFailed

        try:
            self.watcher.done(item)
        finally:
            if item.mailbox in self._under_way:
                self._under_way.discard(item.mailbox)
                if item.reason != HookFailed.reason:
                    self.tell(item)


def _of_run(run_id: object, command: object, mode: object) -> dict[str, object]:
    return {"RUN_ID": run_id, "COMMAND": command, "MODE": mode}
