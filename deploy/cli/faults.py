"""Which faults can the user mend, and what are they told?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer


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
    import asyncpg

    from deploy.embedded.server import ServerError
    from deploy.embedded.shelter import ShelterError
    from deploy.health import NotFitToServeError
    from deploy.settings import SettingsError
    from tenants.errors import Refused
    from tenants.issuers import IssuersNotReadable
    from tenants.outages import is_outage, list_causes
    from tenants.sealing.master_key import MasterKeyError

    told_as_they_are = (
        SettingsError,
        ServerError,
        ShelterError,
        NotFitToServeError,
        IssuersNotReadable,
        MasterKeyError,
    )
    not_let_in = (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError)
    for each in list_causes(fault):
        match each:
            case Refused():
                return f"{each.text('zh')}\n        {each.text('en')}"
            case _ if isinstance(each, told_as_they_are):
                return str(each)
            case FileNotFoundError() | PermissionError() | IsADirectoryError() if each.filename is not None:
                return f"{each.filename}: {each.strerror}."
            case _ if isinstance(each, not_let_in) or is_outage(each):
                return f"The database cannot be reached: {each}"
            case asyncpg.InsufficientPrivilegeError():
                return f"The database's role may not do this: {each}. Is deploy/roles.sql applied?"
            case _:
                pass
    return None
