"""What is at /board? A page for offices, and the two parts it is made of: public, the same for all, and without data.

What it shows it asks of /graphql, with the token of whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

_WEB = Path(__file__).parent / "web"

BOARD = "/board"
BUILT = _WEB / "built" / "board"

_SOURCES = _WEB / "board"
_PARTS = {"board.js": "text/javascript", "board.css": "text/css"}
_NO_ACCOUNTS = '<meta name="accounts" content="" />'
_HEADERS = {
    # Code, styles and answers come from here, and nothing else comes at all, nor goes anywhere.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def is_board_built(built: Path = BUILT) -> bool:
    """Tell whether the board's parts were installed."""
    return all((built / name).exists() for name in _PARTS)


def board_routes(
    accounts_for: Callable[[Request], str | None] | None = None, *, built: Path = BUILT
) -> list[BaseRoute]:
    """Make the board's addresses. The demo says to whom the page offers its accounts, and where they are."""

    async def page(request: Request) -> Response:
        if not is_board_built(built):
            return FileResponse(_SOURCES / "missing.html", status_code=503, headers=_HEADERS)
        text = (_SOURCES / "index.html").read_text(encoding="utf-8")
        address = accounts_for(request) if accounts_for else None
        if address:
            text = text.replace(_NO_ACCOUNTS, f'<meta name="accounts" content="{address}" />')
        return HTMLResponse(text, headers=_HEADERS)

    async def part(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _PARTS or not is_board_built(built):
            return Response(status_code=404, headers=_HEADERS)
        return FileResponse(built / name, media_type=_PARTS[name], headers=_HEADERS)

    return [
        Route(BOARD, page),
        Route(f"{BOARD}/", lambda _: RedirectResponse(BOARD)),
        Route(f"{BOARD}/{{name}}", part),
    ]
