"""The demo's story: a mock portal, a configuration written for it, a run, a table."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pec_autorenew.cli.aftermath import PAGE
from pec_autorenew.cli.running import looking
from pec_autorenew.italian import format_date

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.mock_portal import MockPortal

_CONFIG: Final = """\
[portal]
base_url = "{url}"
login_origins = {login_origins}

[ledger]
state_dir = "{state}"

[limits]
max_per_mailbox = "40.00"
max_per_run = "200.00"
max_per_month = "500.00"

[mandate]
given_by = "Prova Provetti"
given_on = 2026-11-01
accept = ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"]

[[accounts]]
name = "studio"
username = "100001@aruba.it"
password = {{ env = "PEC_DEMO_STUDIO" }}

[[accounts]]
name = "azienda"
username = "100002@aruba.it"
password = {{ env = "PEC_DEMO_AZIENDA" }}

[accounts.billing]
identifier = "nessuno"
"""


def demonstrate(asked: Asked, layout: str) -> int:
    """Run the demo; return 0 when the portal's truth is what the report says, else 1."""
    from pec_autorenew.config import load_config
    from pec_autorenew.engine.local import Command
    from pec_autorenew.mock_portal import MockPortal

    folder = Path(tempfile.mkdtemp(prefix="pec-autorenew-demo-"))
    os.environ |= {"PEC_DEMO_STUDIO": "demo-password-studio", "PEC_DEMO_AZIENDA": "demo-password-azienda"}
    with MockPortal(layout=layout, scenario="demo") as portal:  # type: ignore[arg-type]
        path = folder / "config.toml"
        origins = json.dumps(portal.login_origins)
        text = _CONFIG.format(url=portal.url, login_origins=origins, state=folder / "state")
        path.write_text(text, encoding="utf-8")
        os.environ["PEC_AUTORENEW_CLOCK"] = portal.truth.clock.now().isoformat()
        config = load_config(path, environ={})
        today = format_date(portal.truth.clock.today())
        click.echo(f"A mock portal ({layout}) serves two customers at {portal.url}; its date is {today}.")
        with looking(asked, config) as look:
            result = look.run(Command.RENEW)
            document = look.report(result)
        ordered = {str(item["mailbox"]) for item in document["items"] if item["reason"] == "ordered"}
        right = ordered == _ordered_at(portal) and bool(ordered)
    click.echo(f"\nLedger:  {config.ledger_url.removeprefix('sqlite:///')}")
    click.echo(f"Report:  {look.folder(result.run_id) / 'report.json'}")
    click.echo(f"Page:    {look.folder(result.run_id) / PAGE}")
    click.echo(f"Config:  {path}")
    verdict = "agree" if right else "DISAGREE"
    click.echo(f"The portal holds orders for {len(ordered)} mailboxes; the report and the portal's truth {verdict}.")
    return 0 if right else 1


def _ordered_at(portal: MockPortal) -> set[str]:
    """Return the mailboxes for which the portal's truth holds exactly one order."""
    counts: dict[str, int] = {}
    for order in portal.truth.orders.values():
        for line in order.lines:
            counts[line.address] = counts.get(line.address, 0) + 1
    return {address for address, count in counts.items() if count == 1}
