"""Which faults can the user mend, and what are they told?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import typer
from sqlalchemy.exc import DBAPIError

from deploy.embedded.server import ServerError
from deploy.embedded.shelter import ShelterError
from deploy.health import NotFitToServeError
from deploy.settings import SettingsError
from tenants.errors import Refused
from tenants.issuers import IssuersNotReadable
from tenants.sealing.master_key import MasterKeyError

_TOLD_AS_THEY_ARE = (
    SettingsError,
    ServerError,
    ShelterError,
    NotFitToServeError,
    IssuersNotReadable,
    MasterKeyError,
)
_UNREACHABLE = (
    ConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


@contextmanager
def telling() -> Iterator[None]:
    """Tell in a sentence what the user can mend, and end with status 1."""
    try:
        yield
    except Exception as fault:
        told = explain(fault)
        if told is None:
            raise
        typer.echo(f"jinlin: {told}", err=True)
        sys.exit(1)


def explain(fault: BaseException) -> str | None:
    """Put a fault into a sentence; None for one that is a bug, whose traceback is worth more."""
    for each in _with_causes(fault):
        match each:
            case Refused():
                return f"{each.text('zh')}\n        {each.text('en')}"
            case _ if isinstance(each, _TOLD_AS_THEY_ARE):
                return str(each)
            case FileNotFoundError() | PermissionError() | IsADirectoryError() if each.filename is not None:
                return f"{each.filename}: {each.strerror}."
            case _ if isinstance(each, _UNREACHABLE):
                return f"The database cannot be reached: {each}"
            case asyncpg.InsufficientPrivilegeError():
                return f"The database's role may not do this: {each}. Is deploy/roles.sql applied?"
            case _:
                pass
    return None


def _with_causes(fault: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = fault
    while found is not None:
        yield found
        if isinstance(found, BaseExceptionGroup) and len(found.exceptions) == 1:
            found = found.exceptions[0]
        elif isinstance(found, DBAPIError) and found.orig is not None:
            found = found.orig
        else:
            found = found.__cause__
