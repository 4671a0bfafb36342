"""Whether a mail is the portal's own: by its sender, and by what the receiving server itself found out (RFC 8601).

Everything in a mail may be forged but what the last server wrote on top of it. So only that server's newest
Authentication-Results counts, and only where it stands among the headers of the last hop: what came with the mail
stands below. Whatever cannot be read with certainty is no evidence.
"""

from __future__ import annotations

import re
from email import errors
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message

#: Where the portal's real mails come from (PF-PAYMENT-SENDER); never from the domain above it.
SENDER: Final = "staff.aruba.it"
#: Who may sign or send for that domain.
_ORGANISATION: Final = "aruba.it"

_ADDRESS: Final = r"[A-Za-z0-9._+=-]+@(?P<{}>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
#: One address, alone or in angle brackets after a plain or a quoted name; no list, group, comment or second address.
_FROM: Final = re.compile(
    rf'\s*(?:(?:"(?:[^"\\]|\\.)*"|[^"<>@,;:()\\]*)\s*<{_ADDRESS.format("in_brackets")}>|{_ADDRESS.format("alone")})\s*',
    re.DOTALL,
)
_BY: Final = re.compile(r"\bby\s+([^\s;]+)", re.IGNORECASE)
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?(?:/[0-9]+)?"
_PAIR: Final = re.compile(rf'(?P<name>{_NAME})\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s";]+)(?:\s+|$)')
_DOMAIN: Final = re.compile(r"(?:[^@\s]*@)?(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_VERSION: Final = "1"
_MOST_WORDS: Final = 2
#: Where one ends and the next begins was not to be told.
_HEADER_DEFECTS: Final = (
    errors.FirstHeaderLineIsContinuationDefect,
    errors.InvalidHeaderDefect,
    errors.MalformedHeaderDefect,
    errors.MisplacedEnvelopeHeaderDefect,
    errors.MissingHeaderBodySeparatorDefect,
)


class _Malformed(ValueError):
    """The header is not written as RFC 8601 has it."""


class _Result(NamedTuple):
    """One method's result, with what it is about."""

    method: str
    result: str
    properties: Mapping[str, str]


def is_authentic(message: Message, authserv_id: str) -> bool:
    """Whether the mail names the portal as its sender, and the server `authserv_id` found that to be true."""
    if any(isinstance(one, _HEADER_DEFECTS) for one in message.defects):
        return False
    if not _is_or_is_below(_sender_domain(message), SENDER):
        return False
    try:
        return any(_vouches(one) for one in _own_results(message, authserv_id))
    except _Malformed:
        return False


def headers(message: Message, name: str) -> list[str]:
    """Return the values of all headers of this name, as they stand."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name]


def _sender_domain(message: Message) -> str:
    """Return the domain of the one address in the one From; "" where it is anything else."""
    values = headers(message, "from")
    found = _FROM.fullmatch(values[0]) if len(values) == 1 else None
    return (found["in_brackets"] or found["alone"]).lower() if found else ""


def _own_results(message: Message, authserv_id: str) -> list[_Result]:
    """Return what the receiving server wrote last, from among the headers of the last hop. Raises _Malformed.

    That server put them above all that came with the mail: on top, or right below the Received lines that it, and
    what delivered for it, wrote. Below another server's Received nothing counts.
    """
    hops = 0
    for key, value in message.raw_items():
        name, text = key.lower(), str(value)
        if name == "received":
            hops += 1
            if hops > 1 and not _is_or_is_below(_receiver(text), authserv_id.lower()):
                return []
        elif name == "authentication-results":
            first, *rest = _parts(text)
            words = first.split()
            if not words or len(words) > _MOST_WORDS:
                raise _Malformed
            if _unquoted(words[0]).lower() == authserv_id.lower():
                return list(_results(rest)) if words[1:] in ([], [_VERSION]) else []
    return []


def _receiver(received: str) -> str:
    found = _BY.search(_parts(received)[0])
    return found[1].lower() if found else ""


def _results(parts: list[str]) -> Iterator[_Result]:
    for part in parts:
        pairs, at, text = [], 0, part.strip()
        while found := _PAIR.match(text, at):
            pairs.append((found["name"].lower(), _unquoted(found["value"])))
            at = found.end()
        facts = dict(pairs[1:])
        if pairs and at == len(text) and len(facts) == len(pairs) - 1:
            yield _Result(pairs[0][0].partition("/")[0], pairs[0][1].lower(), facts)


def _vouches(result: _Result) -> bool:
    """Whether the server saw a good signature of the portal's, or a connection that may send for it."""
    if result.result != "pass":
        return False
    match result.method:
        case "dkim":
            named = [result.properties[one] for one in ("header.d", "header.i") if one in result.properties]
        case "spf":
            named = [result.properties[one] for one in ("smtp.mailfrom",) if one in result.properties]
        case _:
            return False
    return bool(named) and all(_is_aligned(one) for one in named)


def _is_aligned(value: str) -> bool:
    found = _DOMAIN.fullmatch(value)
    domain = found["domain"].lower() if found else ""
    return domain == _ORGANISATION or _is_or_is_below(domain, SENDER)


def _is_or_is_below(domain: str, above: str) -> bool:
    return domain == above or domain.endswith(f".{above}")


def _parts(value: str) -> list[str]:
    """Return what stands between the semicolons, without comments. Raises _Malformed."""
    parts, depth, quoted = [""], 0, False
    characters = iter(value)
    for one in characters:
        kept = one
        if one == "\\" and (quoted or depth):
            kept += next(characters, "")
        elif quoted:
            quoted = one != '"'
        elif one in "()":
            depth += 1 if one == "(" else -1
            kept = " "
        elif one == ";" and not depth:
            parts.append("")
            kept = ""
        elif one == '"' and not depth:
            quoted = True
        if depth < 0:
            raise _Malformed
        parts[-1] += " " if depth else kept
    if depth or quoted:
        raise _Malformed
    return parts


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
