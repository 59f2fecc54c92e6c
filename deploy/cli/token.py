"""How does anybody get a token for one of the demo's accounts?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

import typer

from deploy.settings import Settings, SettingsError, read_settings


def token(account: Annotated[str, typer.Argument(help="For example dispatcher@gudong.")]) -> None:
    """Print a bearer token for an account of the demo, good for 30 days and for this demo alone."""
    typer.echo(asyncio.run(_token(read_settings(), account)))


async def _token(settings: Settings, account: str) -> str:
    from deploy.connecting import open_engine
    from deploy.databases import open_databases
    from deploy.demo.accounts import list_demo_accounts
    from deploy.demo.tokens import ensure_demo_issuer

    if settings.is_production:
        raise SettingsError("Tokens are made for the demo alone; here the issuers of JINLIN_ISSUERS make them.")
    async with open_databases(settings) as databases, open_engine(databases.need_owner_url()):
        known = [each.account for each in await list_demo_accounts(databases.need_owner_url())]
    if account not in known:
        raise SettingsError(f"The demo has no account {account}. {suggest(account, known)}")
    return ensure_demo_issuer(settings.home).token(account)


def suggest(account: str, known: Sequence[str]) -> str:
    """Name the accounts of the tenant that was probably meant, by the part behind the @."""
    slugs = {each.partition("@")[2] for each in known}
    meant = get_close_matches(account.rpartition("@")[2], sorted(slugs), n=1, cutoff=0.0)
    if not meant:
        return "It has none yet: run `make demo`."
    return f"Of {meant[0]} it has: {', '.join(each for each in known if each.endswith(f'@{meant[0]}'))}."
