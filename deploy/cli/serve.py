"""How does an operator serve requests?"""

from __future__ import annotations

import asyncio

import typer

from deploy.settings import Settings, read_settings


def serve() -> None:
    """Serve requests on JINLIN_HOST:JINLIN_PORT from the database of JINLIN_DATABASE_URL."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(read_settings()))


async def _serve(settings: Settings) -> None:
    from deploy.app import create_app
    from deploy.opening import open_surface, read_trust
    from deploy.serving import listen
    from deploy.serving import serve as serve_on

    database_url = settings.need_database_url()
    trust = read_trust(settings)
    with listen(settings) as listener:
        async with open_surface(database_url, trust) as surface:
            place = f"http://{settings.host}:{settings.port}/graphql"
            app = create_app(surface)
            await serve_on(
                app,
                listener,
                telemetry_endpoint=settings.telemetry_endpoint,
                on_start=lambda: typer.echo(f"近邻 Jinlin answers at {place}"),
                on_stop=surface.end_subscriptions,
            )
