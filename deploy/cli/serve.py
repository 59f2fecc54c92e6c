"""How does an operator serve requests?"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import socket
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.faults import telling
from deploy.processes import FIGURES_FOLDER, Processes, Ties
from deploy.settings import Settings, read_settings

if TYPE_CHECKING:
    from deploy.opening import Trust

_MOST_PROCESSES = 64


@dataclass(frozen=True, slots=True)
class _Service:
    """What is answered from, and where."""

    settings: Settings
    database_url: str
    trust: Trust
    listener: socket

    @property
    def place(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}/graphql"

    def answer(self, *, on_start: Callable[[], None]) -> None:
        """Answer requests in this process until a signal comes."""
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._answer(on_start))

    def answer_as_child(self, ties: Ties) -> None:
        """Answer requests until a signal comes or the parent ends."""
        with telling():
            self.answer(on_start=ties.tell_ready)

    async def _answer(self, on_start: Callable[[], None]) -> None:
        from deploy.app import create_app
        from deploy.opening import open_surface
        from deploy.serving import serve as serve_on

        async with open_surface(self.database_url, self.trust) as surface:
            await serve_on(
                create_app(surface),
                self.listener,
                telemetry_endpoint=self.settings.telemetry_endpoint,
                on_start=on_start,
                on_stop=surface.end_subscriptions,
            )


def serve(
    *,
    workers: Annotated[
        int,
        typer.Option(min=1, max=_MOST_PROCESSES, help="How many processes share the port: one for each core is best."),
    ] = 1,
) -> None:
    """Serve requests on JINLIN_HOST:JINLIN_PORT from the database of JINLIN_DATABASE_URL."""
    settings = read_settings()
    if workers > 1:
        raise typer.Exit(_serve_by_many(settings, workers))
    with _open(settings) as service:
        service.answer(on_start=lambda: typer.echo(f"近邻 Jinlin answers at {service.place}"))


def _serve_by_many(settings: Settings, count: int) -> int:
    with tempfile.TemporaryDirectory(prefix="jinlin-") as figures:
        # Each process counts in a file of its own here, and any of them answers /metrics for all.
        os.environ[FIGURES_FOLDER] = figures
        from deploy import app, opening, serving  # noqa: F401 - once for all children.

        with _open(settings) as service:
            processes = Processes(
                service.answer_as_child, service.listener, count, lambda told: typer.echo(f"jinlin: {told}", err=True)
            )
            ready = f"近邻 Jinlin answers at {service.place} by {count} processes"
            return processes.serve(on_ready=lambda: typer.echo(ready))


@contextmanager
def _open(settings: Settings) -> Iterator[_Service]:
    """Check the settings and take the port. Raises SettingsError."""
    from deploy.opening import read_trust
    from deploy.serving import listen

    database_url, trust = settings.need_database_url(), read_trust(settings)
    with listen(settings) as listener:
        yield _Service(settings, database_url, trust, listener)
