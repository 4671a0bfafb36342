"""`notify test`: whether messages arrive, before one has to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from pec_autorenew.cli.ending import ending, leave, print_json
from pec_autorenew.cli.options import asking, common

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pec_autorenew.cli.options import Asked

SCHEMA: Final = "pec-autorenew/notify-test/1"


@click.group("notify")
@common
def notify(**_: object) -> None:
    """Try the channels for messages."""


@notify.command("test")
@asking(as_json=True)
def test(asked: Asked) -> None:
    """Send one message of each severity to each channel, and ping the dead-man service: start, then success."""
    with ending(asked, "notify"):
        from pec_autorenew.errors import ConfigError
        from pec_autorenew.notify.channels import Channels
        from pec_autorenew.notify.pings import START, ping
        from pec_autorenew.results import NOT_DELIVERED, OK

        config = asked.config()
        settings = config.notify
        if not (settings.urls or settings.channels or settings.ping_url):
            raise ConfigError("Nobody is told of anything: [notify] has neither urls, channels nor a ping_url.")
        reports = [_line(one.place, one.severity.value, one.problem, one.service) for one in Channels(config).try_out()]
        if settings.ping_url is not None:
            reports += [_line("notify.ping_url", event, ping(settings, event or 0)) for event in (START, "")]
        code = NOT_DELIVERED if any(one["problem"] for one in reports) else OK
        if asked.as_json:
            print_json({"schema": SCHEMA, "exit_code": code, "deliveries": reports})
        else:
            _print(asked, reports)
        leave(code)


def _line(place: str, what: str, problem: str, service: str = "") -> dict[str, str | bool]:
    facts: dict[str, str | bool] = {"place": place, "service": service, "what": what or "success"}
    return facts | {"delivered": not problem, "problem": problem}


def _print(asked: Asked, reports: Iterable[dict[str, str | bool]]) -> None:
    for one in reports:
        if asked.quiet and one["delivered"]:
            continue
        service = f" ({one['service']})" if one["service"] else ""
        click.echo(f"{one['place']}{service}, {one['what']}: {one['problem'] or 'delivered'}")
