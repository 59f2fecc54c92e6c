"""How many requests were there, and how long did they take? The figures that Prometheus collects."""

from __future__ import annotations

import os
import time
from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.processes import FIGURES_FOLDER

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SERVER_FAULT = 500

# Labels come from fixed lists, so that no client can make new time series.
_ROUTES = frozenset({"/graphql", "/files", "/livez", "/readyz", "/metrics", "/board"})
_SECONDS = Histogram(
    "jinlin_request_seconds",
    "Time from a request's arrival to the end of its answer.",
    ["method", "route", "status"],
    buckets=_BUCKETS,
)
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS"})


@cache
def _series(method: str, route: str, status: int) -> Histogram:
    return _SECONDS.labels(method, route, str(status))


def route_of(path: str) -> str:
    if path in _ROUTES:
        return path
    return "/files/{id}" if path.startswith("/files/") else "other"


def method_of(method: str) -> str:
    return method if method in _METHODS else "other"


class Measured:
    """Counts and times every HTTP request of the application inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = SERVER_FAULT
        begin = time.perf_counter()

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            series = _series(method_of(scope["method"]), route_of(scope["path"]), status)
            series.observe(time.perf_counter() - begin)


async def show_metrics(_: Request) -> Response:
    """Answer GET /metrics; one of several processes answers for all of them, also for those that have died."""
    registry = REGISTRY
    if FIGURES_FOLDER in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
