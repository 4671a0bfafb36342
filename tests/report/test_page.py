"""The page of a run: true, complete, harmless, and made from the ledger alone."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import ElementMissing, PersonNeeded
from pec_autorenew.italian import format_date, format_money
from pec_autorenew.report.document import run_document
from pec_autorenew.report.pictures import LARGEST, pictures_of
from pec_autorenew.report.timeline import MOST_LANES, Expiring, timeline
from tests.engine.double import TODAY
from tests.engine.office import account
from tests.report.pages import PNG, html_with, page_of, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.office import Office

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>`{{ 7 * 7 }}"


@pytest.fixture
def busy(office: Office) -> Office:
    """Return an office with two accounts, of which something is due in each."""
    office.truth.flags = True
    office.configure(account("studio"), account("other"))
    office.truth.add("a@pec.it", 10)
    office.truth.add("b@pec.it", 20, price=Decimal("6.10"))
    office.truth.add("c@pec.it", 12, "other")
    office.truth.add("far@pec.it", 300, "other")
    return office


def test_page_tells_the_portal_s_truth(busy: Office) -> None:
    """Issue 6, item 6: each order with number, amount and last day to pay; each mailbox with its expiry."""
    result = busy.run()
    page = read(page_of(busy, result.run_id).html())
    assert len(busy.truth.orders) == 2
    for order in busy.truth.orders:
        assert f"Order {order.number} {format_money(order.gross)}" in page.text
    days = {
        item.order_number: item.pay_by for item in sorted(result.items, key=lambda item: item.pay_by or TODAY)[::-1]
    }
    assert all(f"Pay by {format_date(day)}" in page.text for day in days.values() if day)
    drawn = {
        str(one["aria-label"]).split(" expires ")[0]
        for one in page.of("svg")
        if "expires" in str(one.get("aria-label"))
    }
    assert drawn == set(busy.truth.boxes)
    assert all(format_date(box.expiry) in page.text for box in busy.truth.boxes.values())
    total = sum((order.gross for order in busy.truth.orders), Decimal(0))
    assert f"To be paid {format_money(total)} 2 orders" in page.text
    assert "«Paga»" in page.text
    assert "«Annulla»" in page.text


def test_page_loads_nothing_and_runs_nothing(busy: Office) -> None:
    """Issue 6, item 6: no network, no script; and the file forbids it to the browser."""
    html = page_of(busy, busy.run().run_id).html()
    page = read(html)
    (policy,) = [meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for tag, attributes in page.tags:
        loads = [
            value or ""
            for name, value in attributes.items()
            if name in {"src", "href", "srcset", "action", "xlink:href"}
        ]
        assert all(value.startswith(("#", "data:image/png;base64,")) for value in loads), (tag, loads)
        assert not [name for name in attributes if name.startswith("on")]
    assert not re.search(r"url\(|@import", html)


@pytest.mark.parametrize("name", ["mailbox", "message", "reason", "account", "order_number", "payment_instructions"])
def test_text_of_others_is_text(busy: Office, name: str) -> None:
    """SEC-4: whatever the portal or the configuration says stands there word by word, and is no markup."""
    html = html_with(busy, busy.run().run_id, **{name: HOSTILE})
    page = read(html)
    assert "<script" not in html
    assert "onerror=alert" not in re.sub(r"&[#\w]+;", "", html).replace("img src=x onerror=alert", "")
    assert {tag for tag, _ in page.tags} & {"script"} == set()
    assert not [one for one in page.of("img") if one.get("src") == "x"]
    assert "alert(1)" in page.text
    assert "{{ 7 * 7 }}" in page.text


def test_portal_s_own_words_on_paying_stand_as_they_are(busy: Office) -> None:
    """PAY-5: instructions word by word, and none where the portal gave none."""
    busy.truth.thanks = "Versa 36,60 € & indica il numero"
    page = read(page_of(busy, busy.run().run_id).html())
    assert page.text.count("Versa 36,60 € & indica il numero") == 2
    assert "words on how to pay" not in read(html_with(busy, busy.run().run_id, payment_instructions=None)).text


def test_dry_run_says_so_at_the_top(busy: Office) -> None:
    """DRY-1: in the title, and in words before anything else."""
    page = read(page_of(busy, busy.run(live=False).run_id).html())
    assert page.words[0].startswith("Dry run: ")
    assert page.text.index("Nothing was ordered and nothing was changed") < page.text.index("What happened")
    assert "Nothing was ordered" not in read(page_of(busy, busy.run().run_id).html()).text


def test_worst_mailbox_comes_first(busy: Office) -> None:
    """Issue 6, item 6: what is critical, then what was not recognised, then what waits; what is not due is folded."""
    busy.truth.add("near@pec.it", 3)
    busy.truth.script["prepare"].append(ElementMissing("«Prosegui» is missing"))
    page = page_of(busy, busy.run().run_id)
    html = page.html()
    told = re.findall(r'<th scope="row"><b>(.*?)</b>', html)
    assert re.sub(r"<wbr>", "", told[0]) == "near@pec.it"
    folded = html.index("with nothing to do</summary>")
    assert folded < html.index("far<wbr>@pec.it</b>")
    assert [code for code, _, _ in page._verdicts(run_document(page.run))] == ["7", "6"]


def test_account_that_nobody_could_look_at_keeps_its_unpaid_orders(busy: Office) -> None:
    """PAY-4: what the run did not see still waits for its payment; what a person is asked stands above it."""
    busy.run()
    busy.clock.advance(timedelta(days=1))
    busy.truth.script["password"].append(PersonNeeded("approve it", reason="two-step-approval"))
    page = read(page_of(busy, busy.run().run_id).html())
    assert "2 orders" in page.text
    assert page.text.index("What a person is asked") < page.text.index("What waits for its payment")
    assert "pec-autorenew login studio" in page.text


def test_question_to_a_person_comes_with_both_answers(busy: Office) -> None:
    """HUM-4: what is asked, for what, and the commands."""
    busy.configure(renewal={"approval": "above:20.00"})
    page = read(page_of(busy, busy.run().run_id).html())
    for verb in ("approve", "reject"):
        assert f"pec-autorenew {verb} a@pec.it/2026-12-11" in page.words
    assert "1 year, bonifico, 30,50 €" in page.text


def test_budget_is_the_ledger_s(busy: Office) -> None:
    """PRC-4: what this run and this month have spent, of how much."""
    page = read(page_of(busy, busy.run().run_id).html())
    spent = format_money(sum((order.gross for order in busy.truth.orders), Decimal(0)))
    assert f"This run {spent} of 200,00 € Dec 2026 {spent} of 500,00 €" in page.text


def test_page_of_an_old_run_tells_how_things_stood(busy: Office) -> None:
    """Issue 6, item 6: made again from the ledger, it has what was known then, and nothing that came later."""
    first = busy.run().run_id
    fresh = page_of(busy, first).html()
    assert page_of(busy, first).html() == fresh, "nothing in it is the hour at which it is made"
    for order in busy.truth.orders:
        busy.truth.pay(order)
    busy.clock.advance(timedelta(days=20))
    busy.truth.add("later@pec.it", 25)
    busy.run("reconcile")
    busy.run()
    assert busy.truth.orders_for("later@pec.it")
    again = read(page_of(busy, first).html())
    assert "later" not in again.text
    assert "today, 01/12/2026" in again.text
    assert "2 orders" in again.text
    assert "11/12/2026, in 10 days" in again.text


def test_unfinished_run_has_a_page(busy: Office) -> None:
    """SIL-4: of a run that was ended from outside, there is at least that."""
    busy.ledger.start_run("dead", "renew", "live", busy.config.portal.base_url, busy.clock())
    page = read(page_of(busy, "dead").html())
    assert "Unfinished" in page.text
    assert "There is no mailbox to tell of." in page.text
    assert "Nothing is due" not in page.text
    busy.ledger.finish_run("dead", busy.clock(), 75, (75,))
    ended = read(page_of(busy, "dead").html())
    assert "Ended early Try again later exit 75" in ended.text


def test_page_of_a_look_does_not_say_what_is_due(office: Office) -> None:
    """SIL-6: `list` decides nothing, so nobody is told after it that nothing is due."""
    office.truth.add("a@pec.it", 10)
    page = read(page_of(office, office.run("list").run_id).html())
    assert "Nothing is due" not in page.text
    assert "`pec-autorenew plan` says what is due" in page.text


def test_thousand_mailboxes_make_a_page_that_can_be_read(office: Office) -> None:
    """BLK-1: what is not due is folded, the year is counted by month, and the file stays small."""
    for number in range(1000):
        office.truth.add(f"box{number:04}@pec.it", 31 + number % 500)
    office.truth.add("due@pec.it", 10)
    html = page_of(office, office.run().run_id).html()
    page = read(html)
    assert len(html) < 600_000
    assert "1000 with nothing to do" in page.text
    assert [str(one["aria-label"])[:10] for one in page.of("svg") if "expires" in str(one.get("aria-label"))] == [
        "due@pec.it"
    ]
    months = [
        str(one["aria-label"]) for one in page.of("svg") if re.match(r"\w{3} \d{4}: ", str(one.get("aria-label")))
    ]
    counted = sum(
        int(number) for month in months for number in re.findall(r"(\d+) (?:due|not due|late|waiting)", month)
    )
    beyond = re.search(r"Beyond this line: (\d+) mailboxes", page.text)
    assert beyond is not None
    assert counted + int(beyond[1]) == 1001


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_picture_stands_in_the_page(busy: Office) -> None:
    """Issue 6, item 6: pictures of the pages, inside the file, each with whom it is of."""
    run_id = busy.run().run_id
    place = busy.state_dir / "runs" / run_id / "studio-01-drift"
    place.mkdir(parents=True)
    (place / "page.png").write_bytes(PNG)
    page = read(html_with(busy, run_id, evidence=[f"/moved/{run_id}/studio-01-drift/page.png"]))
    (image,) = page.of("img")
    assert str(image["src"]).startswith("data:image/png;base64,iVBOR")
    assert (image["width"], image["height"]) == ("1", "1")
    assert "a@pec.it" in str(image["alt"])
    assert "studio-01-drift" in page.text


def test_picture_from_elsewhere_is_never_read(tmp_path: Path) -> None:
    """SEC-4: only a file of the run's own folder that is a picture gets into the page; the others are named."""
    folder, outside = tmp_path / "runs" / "one", tmp_path / "private.png"
    outside.write_bytes(PNG)
    for name in ("right", "linked", "text", "large"):
        (folder / name).mkdir(parents=True)
    (folder / "right" / "page.png").write_bytes(PNG)
    (folder / "linked" / "page.png").symlink_to(outside)
    (folder / "text" / "page.png").write_text("no picture", encoding="utf-8")
    (folder / "large" / "page.png").write_bytes(PNG + bytes(LARGEST))
    cited = [f"{folder}/{name}/page.png" for name in ("right", "linked", "text", "large", "absent", "..", "../..")]
    cited += [f"{folder}/right/snapshot.yaml", str(outside)]
    found = pictures_of(folder, {path: ["a@pec.it"] for path in cited})
    assert [one.place for one in found.shown] == ["right"]
    for line in (
        "linked/page.png: it is no file of this run",
        "text/page.png: it is no picture",
        "large/page.png: 5.0 MB are more than the page would hold",
        "../page.png: it is no file of this run",
    ):
        assert line in found.left_out
    assert len(found.left_out) == len(cited) - 2


# -- the year ----------------------------------------------------------------------------------------------------------


def one(days: int, **facts: object) -> Expiring:
    """Return a mailbox that expires in so many days."""
    return Expiring(f"in{days}@pec.it", "studio", TODAY + timedelta(days=days), 30, 7, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("box", "tone"),
    [
        (one(31), "far"),
        (one(30), "due"),
        (one(7), "due"),
        (one(6), "late"),
        (one(-1), "late"),
        (one(-1, calm="renews itself"), "far"),
        (one(20, pay_by=TODAY), "waits"),
        (one(20, pay_by=TODAY - timedelta(days=1)), "late"),
        (one(6, pay_by=TODAY), "late"),
    ],
)
def test_mailbox_is_as_near_as_its_days_say(box: Expiring, tone: str) -> None:
    """SIL-3: due in its window, late below its critical days, or when its order can no longer be paid in time."""
    assert box.tone(TODAY) == tone


@pytest.mark.parametrize("today", [date(2026, 12, 1), date(2027, 12, 31), date(2028, 2, 29), date(2027, 1, 1)])
def test_places_on_the_line_are_in_the_order_of_the_days(today: date) -> None:
    """TIM-1: from the left edge to the right, across year's ends and leap days; nothing falls off."""
    boxes = [
        Expiring(f"{days}@pec.it", "", today + timedelta(days=days), 30, 7, today + timedelta(days=days - 3))
        for days in (-400, -90, -1, 0, 1, 30, 200, 364)
    ]
    drawn = timeline(boxes, today)
    places = [lane.expiry_at for lane in drawn.lanes]
    assert len(places) == len(boxes)
    assert places == sorted(places)
    assert all(
        0 <= at <= 100
        for lane in drawn.lanes
        for at in (lane.window_at, lane.critical_at, lane.pay_at or 0, lane.expiry_at)
    )
    assert all(lane.window_at <= lane.critical_at <= lane.expiry_at for lane in drawn.lanes)
    today_s = next(lane for lane in drawn.lanes if lane.mailbox == "0@pec.it")
    assert today_s.expiry_at == drawn.today_at
    assert [tick.at for tick in drawn.ticks] == sorted({tick.at for tick in drawn.ticks})
    assert drawn.ticks[0].at == 0


def test_too_many_lines_are_counted_instead() -> None:
    """BLK-1: those that are near keep their lines, up to a number; the months count all."""
    boxes = [Expiring(f"{number}@pec.it", "", TODAY + timedelta(days=number), 30, 7) for number in range(1, 61)]
    drawn = timeline(boxes, TODAY)
    assert len(drawn.lanes) == 30
    assert sum(month.total for month in drawn.months) == 60
    assert drawn.counted == 30
    assert not timeline(boxes[:MOST_LANES], TODAY).months
