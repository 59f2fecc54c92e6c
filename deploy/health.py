"""Is the process alive, and can it serve?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from deploy.migrate import newest_revision
from deploy.roles import Connection, find_role_fault

_SECONDS_TO_ANSWER = 2.0


class NotFitToServeError(Exception):
    """The database or the role is not one that requests may be served from."""


async def check_fit_to_serve(connection: Connection) -> None:
    """Refuse a role that sees every tenant, or that may enter none, and a database of another version.

    Raises NotFitToServeError.
    """
    if fault := await find_role_fault(connection):
        raise NotFitToServeError(
            f"JINLIN_DATABASE_URL must not be used: {fault}, so tenants would not be kept apart. "
            "Use the role jinlin_gateway (deploy/README.md)."
        )
    await check_version(connection)
    if not await connection.fetchval("select has_function_privilege('app.enter(integer, uuid, bigint)', 'execute')"):
        role = await connection.fetchval("select current_user")
        raise NotFitToServeError(
            f"JINLIN_DATABASE_URL must not be used: the role {role} may not act in tenants. "
            "Use the role jinlin_gateway (deploy/README.md)."
        )


async def check_version(connection: Connection) -> None:
    """Refuse a database that is not at this version. Raises NotFitToServeError."""
    if (found := await _revision(connection)) != newest_revision():
        raise NotFitToServeError(
            f"The database is at version {found or 'none'}, this program needs {newest_revision()}: "
            "run `jinlin migrate`."
        )


async def _revision(connection: Connection) -> str | None:
    try:
        found: str | None = await connection.fetchval("select version_num from public.alembic_version")
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        return None
    return found


async def is_alive(_: Request) -> Response:
    """Answer GET /livez: this process still takes requests."""
    return PlainTextResponse("alive\n")


def readiness(ask_database: Callable[[], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
    """Make the answer to GET /readyz: the database answers in time."""

    async def is_ready(_: Request) -> Response:
        try:
            async with asyncio.timeout(_SECONDS_TO_ANSWER):
                await ask_database()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            return JSONResponse({"status": "not ready", "reason": "The database does not answer."}, 503)
        return JSONResponse({"status": "ready"})

    return is_ready
