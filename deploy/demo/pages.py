"""What does a browser see of the demo? GraphiQL, and the accounts to be picked on this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from deploy.app import Pages

_WEB = Path(__file__).parent.parent / "web"
_BUILT = _WEB / "built"
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


@dataclass(frozen=True, slots=True)
class PickedTenant:
    """A tenant that an account may act in."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class PickedAccount:
    """An account of the demo, with a token that lets anybody be it."""

    account: str
    name: str
    tenants: Sequence[PickedTenant]
    token: str


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    is_built = (_BUILT / "page.js").exists()
    page = FileResponse(
        _WEB / ("page.html" if is_built else "missing.html"),
        status_code=200 if is_built else 503,
        headers=_HEADERS,
    )
    await page(scope, receive, send)


def demo_pages(list_accounts: Callable[[], Sequence[PickedAccount]]) -> Pages:
    """Make the demo's pages; the accounts are listed anew for each asking, since tokens expire."""

    async def accounts(request: Request) -> Response:
        if not _is_on_this_machine(request):
            return JSONResponse({"error": "The demo's accounts are shown on the machine it runs on."}, 403)
        return JSONResponse(
            [asdict(account) for account in list_accounts()], headers={"Cache-Control": "no-store"}
        )

    return Pages(
        page=_page,
        routes=(
            Route("/demo/accounts", accounts),
            Mount("/web", StaticFiles(directory=_BUILT, check_dir=False)),
        ),
    )


def _is_on_this_machine(request: Request) -> bool:
    # The name is looked at as well: a page elsewhere can give this machine's address a name of its own.
    return (
        request.client is not None
        and request.client.host in _LOOPBACK
        and request.url.hostname in {*_LOOPBACK, "localhost"}
    )
