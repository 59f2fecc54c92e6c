"""What does a browser see of the demo? GraphiQL, and the accounts to be picked on this machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from deploy.app import GRAPHQL, Pages
from deploy.demo.accounts import DemoAccount

_WEB = Path(__file__).parent.parent / "web"
_BUILT = _WEB / "built"
_ACCOUNTS = "/demo/accounts"
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_HEADERS = {
    # Everything comes from here; the editor alone needs styles of its own making.
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def is_page_built() -> bool:
    """Tell whether the page's parts were installed."""
    return (_BUILT / "page.js").exists()


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    is_built = (_BUILT / "page.js").exists()
    page = FileResponse(
        _WEB / ("page.html" if is_built else "missing.html"),
        status_code=200 if is_built else 503,
        headers=_HEADERS,
    )
    await page(scope, receive, send)


def demo_pages(
    list_accounts: Callable[[], Awaitable[Sequence[DemoAccount]]], make_token: Callable[[str], str]
) -> Pages:
    """Make the demo's pages; accounts are listed and tokens made anew for each asking."""

    async def accounts(request: Request) -> Response:
        if not _is_on_this_machine(request):
            return JSONResponse({"error": "The demo's accounts are shown on the machine it runs on."}, 403)
        listed = [{**asdict(each), "token": make_token(each.account)} for each in await list_accounts()]
        return JSONResponse(listed, headers={"Cache-Control": "no-store"})

    return Pages(
        page=_page,
        routes=(
            Route("/", lambda _: RedirectResponse(GRAPHQL)),
            Route(_ACCOUNTS, accounts),
            Mount("/web", StaticFiles(directory=_BUILT, check_dir=False)),
        ),
        accounts_for=lambda request: _ACCOUNTS if _is_on_this_machine(request) else None,
    )


def _is_on_this_machine(request: Request) -> bool:
    # The name is looked at as well: a page elsewhere can give this machine's address a name of its own.
    return (
        request.client is not None
        and request.client.host in _LOOPBACK
        and request.url.hostname in {*_LOOPBACK, "localhost"}
    )
