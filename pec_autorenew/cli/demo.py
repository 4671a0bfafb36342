"""`demo`: the main job on the mock portal, from nothing to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.options import asking

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked


@click.command("demo")
@click.option(
    "--layout", type=click.Choice(["g2", "g4"]), default="g2", show_default=True, help="Generation of the flow."
)
@asking()
def demo(asked: Asked, *, layout: str) -> None:
    """Renew what is due on a mock portal, and show what came of it. Needs no configuration."""
    from pec_autorenew.cli.ending import ending, leave

    with ending(asked, "demo"):
        from pec_autorenew.cli.demonstration import demonstrate

        leave(demonstrate(asked, layout))
