"""`demo`: the main job on the mock portal, from nothing to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pec_autorenew.cli.options import asking, layout_option

if TYPE_CHECKING:
    from pec_autorenew.cli.options import Asked


@click.command("demo")
@layout_option
@asking()
def demo(asked: Asked, *, layout: str) -> None:
    """Renew what is due on a mock portal, and show what came of it. Needs no configuration."""
    from pec_autorenew.cli.ending import ending, leave

    with ending(asked, "demo"):
        from pec_autorenew.cli.demonstration import demonstrate

        leave(demonstrate(asked, layout))
