"""How is the demo started, and how is it thrown away?"""

from __future__ import annotations

import asyncio

import typer

from deploy.settings import Settings, read_settings


def demo() -> None:
    """Create the demo if it is not there yet, show how to use it, and serve it until Ctrl-C."""
    import uvloop

    from deploy.demo.running import run_demo

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_demo(read_settings(), tell=typer.echo))


def demo_reset() -> None:
    """Delete the demo: its data, its keys, its server."""
    from deploy.demo.running import KEY_FILES
    from deploy.embedded.server import delete_server

    settings = read_settings()
    if settings.demo_database_url is not None:
        asyncio.run(_clear(settings))
    delete_server(settings.home)
    for name in KEY_FILES:
        (settings.home / name).unlink(missing_ok=True)
    typer.echo("The demo is deleted; `make demo` makes a new one.")


async def _clear(settings: Settings) -> None:
    from deploy.databases import open_demo_databases
    from deploy.demo.mark import clear

    async with open_demo_databases(settings) as databases:
        await clear(databases.need_owner_url())
