"""Is the database out of reach for the moment, or did something go wrong that nobody expected?"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError

_REFUSED = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
_UNREACHED = (ConnectionError, TimeoutError, socket.gaierror)
# None is told where several addresses of a host were tried; ENOENT where a Unix socket is not there.
_NUMBERS = frozenset({None, errno.ENOENT, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


def is_outage(error: BaseException) -> bool:
    """Tell whether an error says that the database cannot be reached, or has ended the connection."""
    return any(_is_one(each) for each in list_causes(error))


def list_causes(error: BaseException) -> Iterator[BaseException]:
    """List an error with what it was raised from, the driver's own below SQLAlchemy's."""
    found: BaseException | None = error
    while found is not None:
        yield found
        if isinstance(found, BaseExceptionGroup) and len(found.exceptions) == 1:
            found = found.exceptions[0]
        elif isinstance(found, DBAPIError) and found.orig is not None:
            found = found.orig
        else:
            found = found.__cause__


def _is_one(error: BaseException) -> bool:
    if isinstance(error, (*_REFUSED, *_UNREACHED)):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)
    if isinstance(error, asyncpg.InternalClientError):
        # Said of a connection that has read its end while nothing was asked by it, and is not closed yet.
        return "cannot switch to state" in str(error)
    # What names a file is no connection.
    return isinstance(error, OSError) and error.filename is None and error.errno in _NUMBERS
