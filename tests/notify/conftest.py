"""Servers that take messages, and a configuration that names them by reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pec_autorenew.config.settings import Config, Layer
from tests.notify.receivers import MailServer, Receiver, mail_server, receiving, why_no_mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a server that takes HTTP."""
    with receiving() as one:
        yield one


@pytest.fixture(scope="session")
def _exim() -> Iterator[MailServer]:
    if why := why_no_mail():
        pytest.skip(why)
    with mail_server() as one:
        yield one


@pytest.fixture
def exim(_exim: MailServer) -> MailServer:
    """Give a mail server with nothing in its folder."""
    for path in (_exim.folder / "mail").glob("*"):
        path.unlink()
    return _exim


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Config]:
    """Give a function that makes a configuration with these addresses, each by way of the environment."""

    def configure(*urls: str, ping_url: str = "", **notify: Any) -> Config:  # noqa: ANN401 - whatever it takes
        table: dict[str, Any] = {"urls": [], "timeout": "5 s", **notify}
        for number, url in enumerate(urls):
            monkeypatch.setenv(f"PEC_NOTIFY_{number}", url)
            table["urls"].append({"env": f"PEC_NOTIFY_{number}"})
        if ping_url:
            monkeypatch.setenv("PEC_PING_URL", ping_url)
            table["ping_url"] = {"env": "PEC_PING_URL"}
        tree = {"portal": {"base_url": "http://127.0.0.1:8000/"}, "notify": table}
        return Config.from_layers((Layer("file", tree),))

    return configure
