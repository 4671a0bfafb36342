"""Signing in: with an account, with one mailbox; once; and only where a password may be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from pec_autorenew.errors import ForeignOrigin, PortalError, SignInRejected
from pec_autorenew.flows.sign_in import sign_in
from tests.flows.clerk import STUDIO, STUDIO_DUE

if TYPE_CHECKING:
    from tests.flows.clerk import Clerk


def test_account_signs_in_with_one_attempt(clerk: Clerk) -> None:
    """HUM-3: one attempt at the portal, and it is good."""
    clerk.signed_in()
    assert [(one.username, one.ok) for one in clerk.truth.sign_ins] == [(STUDIO.username, True)]
    assert clerk.passwords == 1


def test_mailbox_credential_sees_exactly_that_mailbox(clerk: Clerk) -> None:
    """Issue 2, 5: login with one mailbox's credentials shows that mailbox and no other."""
    clerk.truth.change_mailbox(STUDIO_DUE, password="S3gret0-della-Casella")
    visit = clerk.at_the_door(STUDIO_DUE, "S3gret0-della-Casella")
    visit.sign_in(clerk.about_to_type)
    assert [box.address for box in visit.survey().mailboxes] == [STUDIO_DUE]


def test_wrong_password_is_one_attempt(clerk: Clerk) -> None:
    """HUM-3: the portal counts exactly one attempt, and the error says whose."""
    visit = clerk.at_the_door(STUDIO.username, "wrong")
    with pytest.raises(SignInRejected, match=STUDIO.username):
        visit.sign_in(clerk.about_to_type)
    assert [one.ok for one in clerk.truth.sign_ins] == [False]


def test_password_that_is_forbidden_is_not_typed(clerk: Clerk) -> None:
    """HUM-3: whoever is asked before the password is typed can prevent it."""
    visit = clerk.at_the_door(STUDIO.username, STUDIO.password)

    def forbid() -> None:
        raise PortalError("not today")

    with pytest.raises(PortalError, match="not today"):
        visit.sign_in(forbid)
    assert clerk.truth.sign_ins == []


def test_living_session_types_no_password(clerk: Clerk) -> None:
    """HUM-3: whoever is signed in is not asked again."""
    visit = clerk.signed_in()
    visit.sign_in(clerk.about_to_type)
    assert clerk.passwords == len(clerk.truth.sign_ins) == 1


def test_password_is_typed_nowhere_else(clerk: Clerk) -> None:
    """SEC-2: a form of another origin than those configured gets no password, and the error names it."""
    visit = clerk.at_the_door(STUDIO.username, STUDIO.password)
    with pytest.raises(ForeignOrigin, match=r"127\.0\.0\.1"):
        sign_in(visit.pages, STUDIO.username, lambda: SecretStr(STUDIO.password), ["https://login.aruba.it"])
    assert clerk.truth.sign_ins == []


def test_secret_mark_tells_secrets_apart_and_reveals_none(clerk: Clerk) -> None:
    """HUM-3, SEC-1: the same for the same secret, another for another, and nothing of it inside."""
    visit = clerk.at_the_door(STUDIO.username, "first-secret")
    first = visit.secret_mark()
    assert visit.secret_mark() == first
    clerk.remember("second-secret")
    assert visit.secret_mark() != first
    assert len(first) == 8
