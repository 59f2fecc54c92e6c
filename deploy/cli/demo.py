"""How is the demo started, and how is it thrown away?"""

from __future__ import annotations

import typer

from deploy.settings import read_settings


def demo() -> None:
    """Create the demo if it is not there yet, show how to use it, and serve it."""


def demo_reset() -> None:
    """Delete the demo: its data, its keys, its server."""
    from deploy.embedded.server import delete_server

    settings = read_settings()
    delete_server(settings.home)
    typer.echo("The demo is deleted; `make demo` makes a new one.")
