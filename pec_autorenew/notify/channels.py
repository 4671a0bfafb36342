"""The channels: Apprise's services, each with a time-out of its own, none named by its address (NOT-2, SEC-1)."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.config import Channel, Severity
from pec_autorenew.credentials import resolve
from pec_autorenew.errors import SecretUnavailable
from pec_autorenew.notify.deadlines import all_within
from pec_autorenew.notify.digest import compose, trial
from pec_autorenew.notify.matters import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pec_autorenew.config import Config
    from pec_autorenew.notify.digest import Message, Notice

#: What Apprise's log may tell of a failure without telling where it was sent.
_STATUS: Final = re.compile(r"\berror=(\d{3})\b|^Socket Exception: \((\d{3}),")
_NO_CONNECTION: Final = re.compile(r"\bconnection error\b", re.IGNORECASE)
_KINDS: Final = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.ALARM: "failure"}
_LOGGER: Final = logging.getLogger("apprise")
#: Apprise's log is for our eyes only, for it names addresses; without any handler Python would print it to stderr.
_LOGGER.propagate = False
_LOGGER.setLevel(logging.DEBUG)
_LOGGER.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message on one channel."""

    #: «notify.urls.0»
    place: str
    severity: Severity
    #: "" where it was delivered.
    problem: str
    #: The kind of service, as Apprise calls it; "" where it is not known.
    service: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a notice on all channels that were to have it."""

    reports: tuple[Report, ...] = ()

    def reached(self, severity: Severity) -> bool:
        """Whether what matters so much was taken by a channel, or is meant for none."""
        meant = [one for one in self.reports if rank(one.severity) <= rank(severity)]
        return not meant or any(not one.problem for one in meant)

    @property
    def problems(self) -> tuple[str, ...]:
        """What was not delivered, and why: without an address."""
        return tuple(f"{one.place} did not take a message: {one.problem}" for one in self.reports if one.problem)


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of a configuration: a `Notifier`."""

    config: Config

    def send(self, notice: Notice) -> Delivery:
        """Send it to each channel that is told of such matters, side by side."""
        notify = self.config.notify
        composed = []
        for place, channel in places(self.config):
            reveal = notify.reveal_mailboxes if channel.reveal_mailboxes is None else channel.reveal_mailboxes
            message = compose(notice, notify.language, reveal=reveal, least=channel.severity)
            if message is not None:
                composed.append((place, channel, message))
        return Delivery(tuple(self._deliver(composed)))

    def try_out(self) -> list[Report]:
        """Send one message of each severity to each channel, whatever it is told otherwise."""
        reports: list[Report] = []
        for severity in Severity:
            message = trial(self.config.notify.language, severity)
            reports += self._deliver([(place, channel, message) for place, channel in places(self.config)], severity)
        return reports

    def _deliver(
        self, composed: Sequence[tuple[str, Channel, Message]], severity: Severity | None = None
    ) -> Iterator[Report]:
        if not composed:
            return
        services = [_service(channel) for _, channel, _ in composed]
        with _listening() as heard:
            calls: list[Callable[[], str]] = [
                partial(_send, service, message, heard) if not isinstance(service, str) else partial(str, service)
                for service, (_, _, message) in zip(services, composed, strict=True)
            ]
            problems = all_within(self.config.notify.timeout, calls)
        for service, (place, channel, _), problem in zip(services, composed, problems, strict=True):
            name = "" if isinstance(service, str) else str(service.service_name)
            yield Report(place, severity or channel.severity, problem, name)


def places(config: Config) -> list[tuple[str, Channel]]:
    """Return the channels and where the configuration has them."""
    plain = [(f"notify.urls.{number}", Channel(url=url)) for number, url in enumerate(config.notify.urls)]
    return plain + [(f"notify.channels.{number}", one) for number, one in enumerate(config.notify.channels)]


def problem_of(url: str) -> str:
    """Return what is wrong with an address for messages, without repeating it; "" where Apprise understands it."""
    return "" if _instance(url) is not None else "Apprise does not understand this address"


def _service(channel: Channel) -> Any:  # noqa: ANN401 - Apprise's own class, or why there is none
    try:
        service = _instance(resolve(channel.url).get_secret_value())
    except SecretUnavailable as error:
        return error.message
    return service if service is not None else "Apprise does not understand its address"


def _instance(url: str) -> Any:  # noqa: ANN401 - Apprise's own class
    """Return Apprise's service: plain text, nothing fetched or kept for it, long messages in several."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Apprise itself imports; a warning is nobody's message
        return _loaded(url)


def _loaded(url: str) -> Any:  # noqa: ANN401 - likewise
    import apprise

    asset = apprise.AppriseAsset(
        app_id="pec-autorenew",
        app_desc="pec-autorenew",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        allow_templates=False,
        pgp_autogen=False,
        pem_autogen=False,
    )
    service = apprise.Apprise.instantiate(url.strip(), asset=asset)
    if service is not None:
        service.overflow_mode = apprise.OverflowMode.SPLIT
    return service


def _send(service: Any, message: Message, heard: _Heard) -> str:  # noqa: ANN401 - Apprise's own class
    """Send a message; return what went wrong, "" if nothing."""
    import apprise

    taken = service.notify(
        title=message.title,
        body=message.body,
        notify_type=apprise.NotifyType(_KINDS[message.severity]),
        body_format=apprise.NotifyFormat.TEXT,
    )
    return "" if taken else heard.reason()


class _Heard(logging.Handler):
    """Keeps of each thread's log what may be told."""

    def __init__(self) -> None:
        super().__init__()
        self._reasons: dict[int | None, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a status, or that there was no connection; nothing of the text."""
        text = record.getMessage()
        if status := _STATUS.search(text):
            self._reasons[record.thread] = f"it answered {status[1] or status[2]}"
        elif _NO_CONNECTION.search(text):
            self._reasons[record.thread] = "no connection"

    def reason(self) -> str:
        """Return why this thread's message was not taken."""
        return self._reasons.get(threading.get_ident(), "it was refused")


@contextmanager
def _listening() -> Iterator[_Heard]:
    """Hear Apprise's log for a while."""
    heard = _Heard()
    _LOGGER.addHandler(heard)
    try:
        yield heard
    finally:
        _LOGGER.removeHandler(heard)
