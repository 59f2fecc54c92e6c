"""How is the application served, and how does it stop without dropping a request?"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from deploy.garbage import settle
from deploy.settings import Settings, SettingsError
from deploy.stopping import hearing
from schema.body import MAX_BODY

_SECONDS_TO_FINISH = 10


class _Server(uvicorn.Server):
    """Stops when asked to and lets its caller clear up; uvicorn's own would raise the signal once more."""

    def __init__(
        self, config: uvicorn.Config, on_start: Callable[[], None], on_stop: Callable[[], Awaitable[None]] | None
    ) -> None:
        super().__init__(config)
        self._on_start = on_start
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # What would go on without end says goodbye first; then only requests are waited for.
        if self._on_stop is not None:
            await self._on_stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        with hearing(lambda number: self.handle_exit(number, None)):
            yield


def listen(settings: Settings) -> socket.socket:
    """Take the port, before anything slow is begun. Raises SettingsError when somebody else has it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as fault:
        listener.close()
        raise SettingsError(
            f"{settings.host}:{settings.port} cannot be served on ({fault.strerror}): "
            "set JINLIN_PORT to a free port, or stop what uses this one."
        ) from fault
    return listener


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    *,
    telemetry_endpoint: str | None,
    on_start: Callable[[], None],
    on_stop: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until a signal comes; then finish what is being answered."""
    if telemetry_endpoint is None:
        await _serve(app, listener, on_start, on_stop)
        return
    # Imported here: without a collector there is nothing of it in the process.
    from deploy.tracing import Traced, exporting  # noqa: PLC0415

    with exporting() as provider:
        await _serve(Traced(app, provider), listener, on_start, on_stop)


async def _serve(
    app: ASGIApp,
    listener: socket.socket,
    on_start: Callable[[], None],
    on_stop: Callable[[], Awaitable[None]] | None,
) -> None:
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=MAX_BODY,
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        # Who is on loopback must not be a matter of what a header says.
        proxy_headers=False,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )
    server = _Server(config, on_start, on_stop)
    settle()
    await server.serve(sockets=[listener])
