"""Which mails count: only those that the receiving server itself found to be the portal's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.confirmations.authentic import is_authentic
from tests.confirmations.letters import GENUINE, HOP, SERVER, parsed

#: What every forger can write.
FORGED = f"Authentication-Results: {SERVER}; dkim=pass header.d=staff.aruba.it; spf=pass smtp.mailfrom=staff.aruba.it"
ELSEWHERE = "Received: from a (a [192.0.2.66]) by relay.evil.example with ESMTP; Tue, 01 Dec 2026 09:30:00 +0100"


def results(text: str) -> str:
    """Return a header of the receiving server with these results."""
    return f"Authentication-Results: {SERVER};{text}"


GOOD = {
    "signed-by-the-sender": GENUINE,
    "signed-by-the-domain-above": results(" dkim=pass header.d=aruba.it"),
    "signed-below": results(" dkim=pass header.d=mail.staff.aruba.it"),
    "only-the-identity": results(" dkim=pass header.i=@staff.aruba.it header.s=k1 header.b=aB3/x+=="),
    "sent-from-there": results(" spf=pass smtp.mailfrom=rimbalzi@staff.aruba.it"),
    "sent-from-there-domain-only": results(" spf=pass smtp.mailfrom=staff.aruba.it"),
    "in-capitals": f"AUTHENTICATION-RESULTS: {SERVER.upper()}; DKIM=Pass HEADER.D=STAFF.ARUBA.IT",
    "folded": results("\r\n\tdkim=pass\r\n\t(2048-bit key; secure)\r\n header.d=staff.aruba.it"),
    "with-comments": f"Authentication-Results: (a; b) {SERVER} (c \\) d) 1; dkim=pass (ok (really)) header.d=aruba.it",
    "with-a-version": results("x").replace(";x", " 1; dkim=pass header.d=aruba.it"),
    "with-a-method-version": results(" dkim/1 = pass header.d = aruba.it"),
    "quoted": results(' dkim=pass reason="good; signature" header.d="aruba.it"'),
    "quoted-server": f'Authentication-Results: "{SERVER}"; dkim=pass header.d=aruba.it',
    "one-of-several": results(
        " spf=fail smtp.mailfrom=x.example; dkim=fail header.d=a.it; dkim=pass header.d=aruba.it"
    ),
    "beside-others": results(" dmarc=pass (p=none) header.from=a.example; iprev=pass; spf=pass smtp.mailfrom=aruba.it"),
}


@pytest.mark.parametrize("header", GOOD.values(), ids=GOOD)
def test_mail_that_the_receiving_server_vouches_for_counts(header: str) -> None:
    """X3, RFC 8601: a good signature or connection of the sender's own, however the server writes it."""
    assert is_authentic(parsed(top=f"{HOP}\r\n{header}"), SERVER)


WRONG = {
    "no-result": f"Authentication-Results: {SERVER}; none",
    "signature-fails": results(" dkim=fail header.d=staff.aruba.it"),
    "signature-neutral": results(" dkim=neutral header.d=staff.aruba.it; spf=softfail smtp.mailfrom=staff.aruba.it"),
    "signed-by-another": results(" dkim=pass header.d=evil.example"),
    "signed-by-a-look-alike": results(" dkim=pass header.d=aruba.it.evil.example"),
    "signed-by-a-tail": results(" dkim=pass header.d=notaruba.it"),
    "signed-by-a-customer-below": results(" dkim=pass header.d=kunde.aruba.it"),
    "signed-by-another-for-it": results(" dkim=pass header.d=evil.example header.i=@staff.aruba.it"),
    "signed-by-nobody": results(" dkim=pass"),
    "sent-from-elsewhere": results(" spf=pass smtp.mailfrom=x@evil.example"),
    "sent-by-a-host-of-that-name": results(" spf=pass smtp.helo=staff.aruba.it"),
    "signature-s-property-at-spf": results(" spf=pass header.d=staff.aruba.it"),
    "from-aligned-only": results(" dmarc=pass header.from=staff.aruba.it"),
    "domain-twice": results(" dkim=pass header.d=evil.example header.d=staff.aruba.it"),
    "address-in-the-local-part": results(' spf=pass smtp.mailfrom="x@staff.aruba.it"@evil.example'),
    "pass-in-a-comment": results(" dkim=fail (dkim=pass header.d=staff.aruba.it) header.d=staff.aruba.it"),
    "pass-in-quotes": results(' spf=fail smtp.mailfrom="a; dkim=pass header.d=aruba.it"@evil.example'),
    "comment-never-closed": results(" dkim=pass header.d=aruba.it (oops"),
    "words-that-say-nothing": results(" dkim=pass header.d=aruba.it and more"),
    "comment-the-wrong-way-round": results(" dkim=pass header.d=aruba.it )("),
    "comment-never-opened": results(" dkim=pass header.d=aruba.it)"),
    "quote-never-closed": results(' dkim=pass header.d="aruba.it'),
    "other-version": results("x").replace(";x", " 2; dkim=pass header.d=aruba.it"),
    "other-server": GENUINE.replace(SERVER, "mx.other.example"),
    "server-s-look-alike": GENUINE.replace(SERVER, f"{SERVER}.evil.example"),
    "server-above": GENUINE.replace(SERVER, "posta.example"),
    "server-in-a-comment": GENUINE.replace(SERVER, f"({SERVER}) mx.other.example"),
    "arc": f"ARC-{GENUINE}",
    "experimental": f"X-{GENUINE}",
    "nothing": "",
}


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG)
def test_mail_that_the_receiving_server_does_not_vouch_for_is_no_evidence(header: str) -> None:
    """X3, RFC 8601: anything but a pass that is aligned with the sender counts for nothing."""
    assert not is_authentic(parsed(top="\r\n".join(filter(None, (HOP, header)))), SERVER)


@pytest.mark.parametrize(
    "header", [one for name, one in WRONG.items() if one.startswith(results("")[:-1]) and name != "server-s-look-alike"]
)
def test_forged_result_below_the_server_s_own_is_not_read(header: str) -> None:
    """RFC 8601: only the newest with the server's name counts, also where it cannot be read."""
    assert not is_authentic(parsed(top=f"{HOP}\r\n{header}\r\n{FORGED}"), SERVER)


LAYOUTS = {
    "above-the-hop": f"{GENUINE}\r\n{HOP}",
    "below-the-hop": f"{HOP}\r\n{GENUINE}",
    "below-the-delivery": f"Received: from {SERVER} by {SERVER} with LMTP id 1; Tue\r\n{HOP}\r\n{GENUINE}",
    "below-an-inner-hop": f"Received: by 2001:db8::7 with SMTP id 1; Tue\r\n{HOP}\r\nX-Spam: no\r\n{GENUINE}",
    "below-one-of-its-hosts": f"Received: by lmtp.example; Tue\r\n{HOP.replace(SERVER, f'in1.{SERVER}')}\r\n{GENUINE}",
    "above-others": f"{HOP}\r\nAuthentication-Results: filter.posta.example; spf=fail\r\n{GENUINE}",
}


@pytest.mark.parametrize("top", LAYOUTS.values(), ids=LAYOUTS)
def test_server_s_own_headers_are_found_where_servers_put_them(top: str) -> None:
    """RFC 8601: on top, or below the Received lines of the last hop and of what delivered for it."""
    assert is_authentic(parsed(top=top), SERVER)


FOREIGN = {
    "below-another-s-hop": f"{HOP}\r\n{ELSEWHERE}\r\n{FORGED}",
    "below-a-forwarder": f"Received: by lmtp.posta.example; Tue\r\n{ELSEWHERE}\r\n{HOP}\r\n{FORGED}",
    "below-a-look-alike-hop": f"{HOP}\r\n{HOP.replace(SERVER, f'{SERVER}.evil.example')}\r\n{FORGED}",
    "below-a-hop-that-names-it-as-origin": f"{HOP}\r\nReceived: from {SERVER} by x.evil.example; Tue\r\n{FORGED}",
    "below-a-hop-with-it-in-a-comment": f"{HOP}\r\nReceived: from a (by {SERVER}) by x.evil.example; Tue\r\n{FORGED}",
    "below-a-hop-of-nobody": f"{HOP}\r\nReceived: from a; Tue\r\n{FORGED}",
}


@pytest.mark.parametrize("top", FOREIGN.values(), ids=FOREIGN)
def test_result_that_came_with_the_mail_is_no_evidence(top: str) -> None:
    """RFC 8601: what stands below another server's line may have been written by anybody."""
    assert not is_authentic(parsed(top=top), SERVER)


SENDERS = {
    "plain": ("From: ordini@staff.aruba.it", True),
    "named": ("From: Aruba S.p.A. <ordini@staff.aruba.it>", True),
    "quoted-name": ('From: "Aruba, ordini" <ordini@staff.aruba.it>', True),
    "encoded-name": ("From: =?utf-8?B?QXJ1YmE=?= <ordini@staff.aruba.it>", True),
    "below": ("From: <no-reply@mail.staff.aruba.it>", True),
    "in-capitals": ("FROM: Ordini@STAFF.Aruba.IT", True),
    "folded": ("From: Aruba\r\n <ordini@staff.aruba.it>", True),
    "domain-above": ("From: ordini@aruba.it", False),
    "look-alike-tail": ("From: ordini@staff.aruba.it.example", False),
    "look-alike-hyphen": ("From: ordini@staff-aruba.it", False),
    "look-alike-head": ("From: ordini@notstaff.aruba.it", False),
    "look-alike-letter": ("From: ordini@staff.arubа.it", False),  # a Cyrillic letter
    "address-as-name": ("From: ordini@staff.aruba.it <x@evil.example>", False),
    "address-as-quoted-name": ('From: "ordini@staff.aruba.it" <x@evil.example>', False),
    "brackets-in-the-name": ('From: "a <ordini@staff.aruba.it>" <x@evil.example>', False),
    "comment": ("From: x@evil.example (ordini@staff.aruba.it)", False),
    "comment-around": ("From: (x@evil.example) ordini@staff.aruba.it", False),
    "two-addresses": ("From: ordini@staff.aruba.it, x@evil.example", False),
    "two-brackets": ("From: <ordini@staff.aruba.it> <x@evil.example>", False),
    "group": ("From: Aruba: ordini@staff.aruba.it;", False),
    "route": ("From: <@staff.aruba.it:x@evil.example>", False),
    "two-ats": ("From: x@evil.example@staff.aruba.it", False),
    "quoted-local-part": ('From: "x@evil.example"@staff.aruba.it', False),
    "two-headers": ("From: ordini@staff.aruba.it\r\nFrom: x@evil.example", False),
    "two-headers-alike": ("From: ordini@staff.aruba.it\r\nFrom: ordini@staff.aruba.it", False),
    "bare-carriage-return": ("From: ordini@staff.aruba.it\rFrom: x@evil.example", False),
    "zero": ("From: ordini@staff.aruba.it\0.example", False),
    "not-a-header": ("From: ordini@staff.aruba.it\r\nFrom x@evil.example", False),
    "dot-at-the-end": ("From: ordini@staff.aruba.it.", False),
    "none": ("Sender: ordini@staff.aruba.it", False),
    "empty": ("From: ", False),
}  # fmt: skip


@pytest.mark.parametrize(("sender", "counts"), SENDERS.values(), ids=SENDERS)
def test_sender_is_one_address_at_the_portal_s_own_domain(sender: str, counts: bool) -> None:  # noqa: FBT001
    """X3, PF-PAYMENT-SENDER: real messages come from staff.aruba.it; a name, a list or a look-alike is not that."""
    assert is_authentic(parsed(sender=sender), SERVER) is counts


_PIECES = st.sampled_from(
    [*("dkim=pass", "spf=pass", "header.d=evil.example", "smtp.mailfrom=x@evil.example", "none", '"', "(", ")", "\\"),
     *(";", " ", "\r\n ", "=", "header.i=@evil.example", "1", SERVER, "Authentication-Results:", "reason=")]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25), st.text(st.characters(exclude_characters="\r\n"), max_size=30))
def test_no_header_without_the_portal_s_domain_is_evidence(pieces: list[str], noise: str) -> None:
    """RFC 8601: whatever is written there, and however: nothing passes that does not name the domain."""
    top = f"{HOP}\r\n{results(''.join(pieces) + noise)}\r\n{FORGED}"
    message = parsed(top=top.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    assert not is_authentic(message, SERVER)
