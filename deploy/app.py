"""What answers which address? The gateway put together, the one place where all of it meets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.board import board_routes
from deploy.health import is_alive, readiness
from deploy.telemetry import Measured, show_metrics
from schema.subscribing.endpoint import SubscriptionsEndpoint

GRAPHQL = "/graphql"
FILES = "/files"


@dataclass(frozen=True, slots=True)
class Surface:
    """What an opened gateway shows to the outside."""

    graphql: ASGIApp
    files: ASGIApp | None
    ask_database: Callable[[], Awaitable[object]]
    # At the address of `graphql`, too; and what ends all that goes on there without end.
    subscriptions: SubscriptionsEndpoint | None = None
    end_subscriptions: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    """What the demo shows besides: a page at the endpoint for browsers, and what the page is made of."""

    page: ASGIApp
    routes: tuple[BaseRoute, ...]
    # Where the board finds accounts to pick from, for those to whom they are shown.
    accounts_for: Callable[[Request], str | None] | None = None


class _App:
    """Sends each request where it belongs. Queries come first: their way is the shortest."""

    def __init__(self, surface: Surface, pages: Pages | None) -> None:
        self._surface = surface
        self._page = pages.page if pages else None
        self._rest = Starlette(
            routes=[
                Route("/livez", is_alive),
                Route("/readyz", readiness(surface.ask_database)),
                Route("/metrics", show_metrics),
                *board_routes(pages.accounts_for if pages else None),
                *(pages.routes if pages else ()),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._find(scope)(scope, receive, send)

    def _find(self, scope: Scope) -> ASGIApp:
        path: str = scope["path"]
        if scope["type"] == "websocket" and path != GRAPHQL:
            return self._rest
        if path == GRAPHQL:
            if self._surface.subscriptions is not None and self._surface.subscriptions.serves(scope):
                return self._surface.subscriptions
            if self._page is not None and scope.get("method") == "GET" and _asks_for_html(scope):
                return self._page
            return self._surface.graphql
        if self._surface.files is not None and (path == FILES or path.startswith(f"{FILES}/")):
            return self._surface.files
        return self._rest


def create_app(surface: Surface, *, pages: Pages | None = None) -> ASGIApp:
    """Put the application together."""
    return Measured(_App(surface, pages))


def _asks_for_html(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
