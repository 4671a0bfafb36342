"""Day after day: the portal's night, the client's run, what people make of it; and what is found to be wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from tests.year.books import Books, Seen
from tests.year.closing import terms, wrong_in_the_ledger, wrong_in_time
from tests.year.judging import Judge
from tests.year.letters import Reader
from tests.year.papers import wrong_in_the_papers
from tests.year.people import People
from tests.year.story import AT_ONCE, ROME, Day, story

if TYPE_CHECKING:
    from datetime import date

    from tests.year.cast import Cast
    from tests.year.charges import Finding
    from tests.year.stage import Stage

_EVENING: Final = time(23, 30)


@dataclass
class World:
    """A client, its portal, the people, and the judges."""

    cast: Cast
    stage: Stage
    seed: int
    findings: list[Finding] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    books: Books = field(init=False)
    people: People = field(init=False)
    judge: Judge = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.books = Books(self.cast)
        self.people = People(self.cast, self.stage, self.seed)
        self.judge = Judge(self.books)
        self.reader = Reader(self.books)

    def play(self) -> None:
        """Let all days pass, and a calm one after them; then judge what is left of them."""
        days = story(self.cast, self.seed)
        for day in days:
            self._pass(day)
        end = days[-1].date + timedelta(days=1)
        self.people.mend_passwords()
        self._pass(Day(end, (_at(end, time(12)),)))
        self.findings += wrong_in_time(self.books)
        orders, expiries = self.stage.orders(), self.stage.expiries()
        self.findings += wrong_in_the_ledger(self.books, self.stage.ledger(), orders, expiries)
        self.findings += wrong_in_the_papers(self.books, self.stage.papers(), orders, expiries, end)
        self.tally += self.people.did
        for term in terms(self.books):
            self.tally["expired" if term.is_late else "renewed in time"] += term.expiry < end
        self.tally["orders"] = sum(one.run is not None for one in self.books.purchases.values())

    def _pass(self, day: Day) -> None:
        stage = self.stage
        stage.set_clock(_at(day.date, time(0)))
        self.people.morning(day)
        for number, at in enumerate(day.runs):
            stage.trouble(frozenset(one for one in day.troubles if number == 0 or one not in AT_ONCE))
            self._run(at)
        stage.trouble(frozenset())
        stage.set_clock(_at(day.date, _EVENING))
        self.people.evening(day.date)
        self.tally["days"] += 1
        self.tally["missed days"] += not day.runs

    def _run(self, at: datetime) -> None:
        stage, books = self.stage, self.books
        before, day = stage.expiries(), at.astimezone(ROME).date()
        books.enter(stage.orders(), before, day, None)
        told = stage.renew(at)
        orders, number = stage.orders(), len(books.runs)
        bought = books.enter(orders, before, day, number)
        locked_out = frozenset(self.people.mended)
        seen = Seen(number, at, told, before, orders, bought, locked_out, stage.prices(), stage.automatic())
        books.runs.append(seen)
        self.findings += self.judge.judge(seen)
        if told.letters is not None:
            self.findings += self.reader.judge(seen)
        self.people.read(told, day)
        self._count(seen)

    def _count(self, seen: Seen) -> None:
        self.tally["runs"] += 1
        self.tally["troubled runs"] += seen.told.troubled
        self.tally["runs without a browser"] += not seen.told.opened
        self.tally[f"exit {seen.codes[0]}"] += 1
        self.tally["letters"] += len(seen.told.letters or ())


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, ROME).astimezone(UTC)
