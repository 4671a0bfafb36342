"""What is reached: names on the network, a browser that works, the portal's door."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.config import host_of
from pec_autorenew.doctor.findings import defect, ok, warning
from pec_autorenew.engine.clocks import is_far
from pec_autorenew.errors import BrowserUnavailable, ForeignOrigin, PecAutorenewError
from pec_autorenew.planning import ROME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.doctor.findings import Finding, Surroundings
    from pec_autorenew.launching import PortalBrowser

#: The portal may take so long, in milliseconds, though a run is more patient.
_PATIENCE_MS: Final = 15_000
#: Switches of Linux that keep a browser from its sandbox, with the value that does.
_SWITCHES: Final = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0"),
    ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
    ("/proc/sys/user/max_user_namespaces", "0"),
)


def names(around: Surroundings) -> Iterator[Finding]:
    """Look whether the hosts of the portal, of its sign-in and of the mail witness have addresses."""
    config = around.config
    hosts = [config.portal.host, *map(host_of, config.portal.login_origins)]
    hosts += [one.mail.host for one in config.accounts if one.mail is not None]
    unknown = []
    for host in dict.fromkeys(hosts):
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError) as error:  # the latter for what can be no name at all
            unknown.append(host)
            why = error.strerror if isinstance(error, OSError) else "it is no name"
            advice = "Check the spelling in the configuration, the network, and the name server."
            yield defect(f"{host} has no address: {why}.", advice)
    if not unknown:
        yield ok(f"{', '.join(dict.fromkeys(hosts))}.")


def browser(around: Surroundings) -> Iterator[Finding]:
    """Find the browser, start it in its sandbox, and fill in and press a page of our own."""
    from pec_autorenew.launching import find_browser, started
    from pec_autorenew.pages.asking import register

    config = around.config
    yield from _display(around)
    local = config.portal.is_loopback
    try:
        found = find_browser(config.browser.executable, headless=config.browser.headless).executable
        with started(
            local=local,
            allowed_hosts=config.portal.allowed_hosts,
            executable=found or "",
            timeout=min(config.browser.action_timeout.total_seconds() * 1000, _PATIENCE_MS),
            cache=config.state_dir / "cache" / "driver" if config.state_dir.is_dir() else None,
            prepare=(register,),
        ) as running:
            yield ok(f"{found or 'the one that Playwright brings'}, version {running.version}, starts.")
            is_root = hasattr(os, "geteuid") and os.geteuid() == 0
            yield ok("Off: root, and the portal is on this machine (SEC-5)." if is_root else "On.", "sandbox")
            yield from _smoke_test(running)
            yield from _door(around, running)
    except BrowserUnavailable as error:
        yield defect(f"{error.message}.", _why_not_started(around))


def _display(around: Surroundings) -> Iterator[Finding]:
    displays = (around.environ.get("DISPLAY"), around.environ.get("WAYLAND_DISPLAY"))
    if not around.config.browser.headless and sys.platform == "linux" and not any(displays):
        advice = "Leave browser.headless at true; `--attended` shows the window for one run."
        yield defect("browser.headless = false shows a window, and there is no display.", advice, "display")


def _why_not_started(around: Surroundings) -> str:
    """Return what to do about a browser that does not start."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not around.config.portal.is_loopback:
        return "Let a user of its own run it: `User=` in a systemd unit, that user's crontab."
    off = [path for path, value in _SWITCHES if _reads(path) == value]
    if off:
        return f"Its sandbox needs user namespaces, and this machine refuses them: {', '.join(off)}."
    return "Install one (Debian: chromium-headless-shell), or name it in browser.executable."


def _reads(path: str) -> str:
    try:
        return Path(path).read_text("ascii").strip()
    except OSError:  # another kernel
        return ""


def _smoke_test(running: PortalBrowser) -> Iterator[Finding]:
    from pec_autorenew.flows.door import try_browser
    from pec_autorenew.names import Names
    from pec_autorenew.pages.portal_pages import PortalPages

    session = running.session()
    try:
        try_browser(PortalPages(session, Names(), ""))
    except PecAutorenewError as error:
        yield defect(f"A page of our own cannot be used: {error.message}.", "Update the browser.", "page")
    else:
        yield ok("A page of our own is recognised, filled in, pressed and read.", "page")
    finally:
        session.close()


def _door(around: Surroundings, running: PortalBrowser) -> Iterator[Finding]:
    """Look at the portal's sign-in; nobody signs in (HUM-3)."""
    from pec_autorenew.flows.door import look_at_door
    from pec_autorenew.names import Names
    from pec_autorenew.pages.portal_pages import PortalPages

    portal = around.config.portal
    session = running.session()
    try:
        pages = PortalPages(session, Names(portal.names, portal.locators), portal.base_url)
        door = look_at_door(pages, portal.login_origins)
    except ForeignOrigin as error:
        advice = "Add it to portal.login_origins only if it belongs to the portal."
        yield defect(f"{error.message}.", advice, "portal")
        return
    except PecAutorenewError as error:
        advice = "A run would end here now: look at the portal, the network, and portal.base_url."
        yield warning(f"{error.message}.", advice, "portal")
        return
    finally:
        session.close()
    yield ok(f"«{door.page}» stands at {door.origin}; nobody was signed in.", "portal")
    now = around.clock()
    if door.clock is not None and not around.pretended_clock and is_far(now, door.clock):
        told = f"{door.clock.astimezone(ROME):%d/%m/%Y %H:%M}"
        message = f"The portal's clock shows {told}, and this machine's {now.astimezone(ROME):%d/%m/%Y %H:%M}."
        yield defect(message, "Set this machine's clock: nothing is ordered by it (TIM-3).", "portal")
