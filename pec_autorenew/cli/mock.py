"""`mock-portal serve`: the mock portal by itself."""

from __future__ import annotations

import gc

import click

from pec_autorenew.cli.ending import leave
from pec_autorenew.cli.options import Instant, layout_option


@click.group("mock-portal")
def mock_portal() -> None:
    """Run a false portal on loopback, for trials and tests."""


@mock_portal.command("serve")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port of the portal; 0: any free one.")
@click.option(
    "--control-port", default=0, type=click.IntRange(0, 65535), help="Port of the control API; 0: any free one."
)
@layout_option
@click.option(
    "--scenario",
    default="demo",
    show_default=True,
    help="The truth to start from, and what goes wrong: single+reset-after@confirm (docs/mock-portal.md).",
)
@click.option("--latency-ms", default=0, type=click.IntRange(min=0), help="Delay of each answer.")
@click.option("--clock", type=Instant(), help="Where the portal's clock starts.")
@click.option("--rename-seed", type=int, help="Rename all ids and classes of the markup at random, by this seed.")
@click.option(
    "--chaos", "chaos_seed", type=int, help="Draw every page by another hand, by this seed; orders stay possible."
)
def serve(**options: object) -> None:
    """Serve the mock portal until it is told to stop; print its addresses."""
    gc.enable()  # it serves until it is told to stop
    from pec_autorenew.mock_portal import BadValueError, understood
    from pec_autorenew.mock_portal import serve as serve_portal

    try:
        understood(str(options["scenario"]))
    except BadValueError as error:
        raise click.UsageError(f"{error}.") from error
    if options["clock"] is None:
        del options["clock"]
    try:
        serve_portal(**options, announce=click.echo)  # type: ignore[arg-type]
    except OSError as error:
        from pec_autorenew.results import NOT_FIT

        click.echo(
            f"pec-autorenew: no port for the portal: {error.strerror}; leave --port out for a free one.", err=True
        )
        leave(NOT_FIT)
