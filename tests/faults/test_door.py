"""What the portal can ask at its door: each known by name, handed to a person, and nothing done in its place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.states import HandoverState
from tests.faults.scene import DUE

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Layout
    from tests.faults.scene import Scene

PERSON = "needs-person"

#: What the portal is set to; what is said of it; how many passwords the portal has seen.
ASKED: dict[str, tuple[dict[str, Any], tuple[str, str], int]] = {
    "push that nobody answers": ({"two_step": True}, (PERSON, "two-step-approval"), 1),
    "push that expires": ({"two_step": True, "two_step_lasts": 4.0}, (PERSON, "two-step-approval"), 1),
    "code by message": ({"code": True}, (PERSON, "code"), 1),
    "captcha in words": ({"captcha": True}, (PERSON, "captcha"), 0),
    "captcha in a frame": ({"captcha": True, "captcha_kind": "frame"}, (PERSON, "captcha"), 0),
    "captcha as a widget": ({"captcha": True, "captcha_kind": "widget"}, (PERSON, "captcha"), 0),
    "password expired": ({"account_password_change": True}, (PERSON, "password-change"), 1),
    "new terms": ({"new_terms": True}, (PERSON, "terms"), 1),
    "maintenance": ({"maintenance": True}, ("failed", "maintenance"), 0),
}


@pytest.mark.one_layout
@pytest.mark.parametrize("what", ASKED)
def test_door_that_asks_is_left_to_a_person(scene: Scene, layout: Layout, what: str) -> None:
    """HUM-1, SES-3: one sign-in at most, no order, nothing accepted; the word of the report says what was asked."""
    options, said, passwords = ASKED[what]
    scene.tables = {"sign_in": {"wait_human": "10 s"}}
    scene.begin(layout=layout).truth.set_options(**options)
    assert scene.run() == {"": said}
    assert len(scene.truth.sign_ins) == passwords
    assert (scene.truth.orders, scene.truth.confirm_posts, scene.truth.terms_accepted) == ({}, 0, 0)
    assert scene.truth.pushes == (1 if options.get("two_step") else 0)


@pytest.mark.one_layout
def test_locked_account_is_not_knocked_at_again(scene: Scene, layout: Layout) -> None:
    """HUM-1, HUM-3: locked is no wrong password; three runs, one sign-in, until a person says that it is open."""
    scene.begin(layout=layout)
    scene.truth.change_account("200001@aruba.it", locked=True)
    for _ in range(3):
        assert scene.run()[""] == (PERSON, "account-locked")
    assert [one.ok for one in scene.truth.sign_ins] == [False]
    scene.truth.change_account("200001@aruba.it", locked=False)
    with scene.ledger() as ledger:
        (standing,) = ledger.handovers(scene.config.portal.base_url)
        ledger.settle_handover(
            scene.config.portal.base_url, standing.id, HandoverState.ANSWERED, scene.truth.clock.now()
        )
    assert scene.run() == {DUE: ("awaiting-payment", "ordered")}


@pytest.mark.one_layout
def test_wrong_password_is_tried_once_and_no_captcha_later(scene: Scene, layout: Layout) -> None:
    """HUM-3: the portal that puts up a CAPTCHA after one refusal has seen one password."""
    scene.begin(layout=layout).truth.set_options(captcha_after_failures=1)
    scene.truth.change_account("200001@aruba.it", password="S3gret0-altra")
    for _ in range(2):
        assert scene.run()[""] in {(PERSON, "captcha"), ("failed", "sign-in-rejected")}
    assert [one.ok for one in scene.truth.sign_ins] == [False]


@pytest.mark.one_layout
def test_push_that_is_refused_on_the_device_ends_the_wait(scene: Scene, layout: Layout) -> None:
    """HUM-2: denied, and told as such; nobody is asked again in this run."""
    scene.tables = {"sign_in": {"wait_human": "10 min"}}
    scene.begin(layout=layout).truth.set_options(two_step=True)
    scene.on_sleep = scene.portal.deny_sign_ins
    assert scene.run() == {"": (PERSON, "two-step-approval")}
    assert (scene.truth.pushes, len(scene.truth.sign_ins), scene.truth.orders) == (1, 1, {})
    with scene.ledger() as ledger:
        (handover,) = ledger.handovers(scene.config.portal.base_url, standing_only=False)
    assert handover.state is HandoverState.DENIED
    assert handover.settled_at is not None
    assert handover.settled_at - handover.asked_at < timedelta(minutes=1)


@pytest.mark.one_layout
def test_push_that_is_approved_while_the_run_waits_leads_to_the_order(scene: Scene, layout: Layout) -> None:
    """HUM-2: one push, one password, one order."""
    scene.begin(layout=layout).truth.set_options(two_step=True)
    scene.on_sleep = scene.portal.approve_sign_ins
    assert scene.run() == {DUE: ("awaiting-payment", "ordered")}
    assert (scene.truth.pushes, len(scene.truth.sign_ins), scene.truth.confirm_posts) == (1, 1, 1)


@pytest.mark.one_layout
@pytest.mark.parametrize(
    ("behind", "said"),
    [
        ({"new_terms": True}, {"": (PERSON, "terms")}),
        ({"account_password_change": True}, {"": (PERSON, "password-change")}),
        ({"code": True}, {"": (PERSON, "code")}),
        ({"password_notice_days": 5}, {DUE: ("awaiting-payment", "ordered")}),
    ],
)
def test_what_stands_behind_an_approved_push_is_known_too(
    scene: Scene, layout: Layout, behind: dict[str, Any], said: dict[str, tuple[str, str]]
) -> None:
    """HUM-1, HUM-2: the telephone said yes, and the portal asks for one thing more."""
    scene.begin(layout=layout).truth.set_options(two_step=True, **behind)
    scene.on_sleep = scene.portal.approve_sign_ins
    assert scene.run() == said
    assert (scene.truth.pushes, len(scene.truth.sign_ins), scene.truth.terms_accepted) == (1, 1, 0)


@pytest.mark.one_layout
def test_unknown_answer_to_a_password_has_it_typed_once(scene: Scene, layout: Layout) -> None:
    """HUM-3: a session that has ended is no reason to type it a second time."""
    scene.begin(layout=layout)
    assert scene.run() == {DUE: ("awaiting-payment", "ordered")}
    scene.portal.end_sessions()
    scene.portal.set_fault("blank-after", step="sign-in", times=0)
    scene.run()
    assert len(scene.truth.sign_ins) == 2


def test_password_that_expires_soon_is_told_and_passed(scene: Scene, layout: Layout) -> None:
    """SES-3: the notice is put off, on a page, in a banner, in a window; the password stays, the order is placed."""
    scene.begin(layout=layout).truth.set_options(password_notice_days=5)
    assert scene.run() == {DUE: ("awaiting-payment", "ordered")}
    assert len(scene.truth.sign_ins) == 1


@pytest.mark.one_layout
def test_session_of_the_last_run_is_taken_up(scene: Scene, layout: Layout) -> None:
    """SES-4, HUM-3: three runs, one sign-in; a session that has ended is renewed with the password."""
    scene.begin(layout=layout)
    assert scene.run()[DUE] == ("awaiting-payment", "ordered")
    assert scene.run()[DUE] == ("awaiting-payment", "waiting")
    assert len(scene.truth.sign_ins) == 1
    scene.portal.end_sessions()
    assert scene.run()[DUE] == ("awaiting-payment", "waiting")
    assert len(scene.truth.sign_ins) == 2


@pytest.mark.one_layout
@pytest.mark.parametrize(
    ("fault", "said", "passwords"),
    [
        ("too-many-requests@login*0", ("failed", "too-many-requests"), 0),
        ("too-many-requests@sign-in*0", ("failed", "too-many-requests"), 0),
        ("unavailable@login*0", ("failed", "portal-error"), 0),
        ("unavailable@sign-in*0", ("failed", "portal-error"), 0),
    ],
)
def test_door_that_is_out_of_order_is_not_knocked_at_again(
    scene: Scene, layout: Layout, fault: str, said: tuple[str, str], passwords: int
) -> None:
    """SES-3, HUM-3: 429 and 503, before and after the password: told by name, and the password typed once at most."""
    scene.begin(fault, layout=layout)
    assert scene.run() == {"": said}
    assert len(scene.truth.sign_ins) == passwords
    assert scene.truth.orders == {}
    with scene.ledger() as ledger:
        tried = ledger.sign_ins_on(scene.config.portal.base_url, "bianca", scene.truth.clock.now().date())
    assert len(tried) <= 1


@pytest.mark.one_layout
def test_wrong_password_is_told_and_not_typed_again(scene: Scene, layout: Layout) -> None:
    """HUM-3: three runs, one sign-in; another secret is tried."""
    scene.begin(layout=layout)
    scene.truth.change_account("200001@aruba.it", password="S3gret0-altra")
    for _ in range(3):
        assert scene.run() == {"": ("failed", "sign-in-rejected")}
    assert len(scene.truth.sign_ins) == 1


#: Doors that are not the portal's own: nothing may be typed there, whatever they look like.
DOORS = {
    "foreign": ("stopped", "foreign-origin"),
    "lookalike": ("stopped", "foreign-origin"),
    "foreign-form": ("stopped", "foreign-origin"),
    "frame": ("stopped", "foreign-origin"),
    "open-redirect": ("stopped", "foreign-origin"),
    "outside": ("stopped", "foreign-origin"),
}


@pytest.mark.one_layout
@pytest.mark.parametrize("door", DOORS)
def test_password_is_typed_at_the_portals_own_door_only(scene: Scene, layout: Layout, door: str) -> None:
    """SEC-2, SEC-3: neither password nor user name reaches a form that is not the portal's; nothing is ordered."""
    scene.begin(layout=layout).truth.set_options(door=door)
    assert scene.run() == {"": DOORS[door]}
    assert (scene.truth.phished, scene.truth.orders) == ([], {})
    assert len(scene.truth.sign_ins) == (1 if door == "open-redirect" else 0)
