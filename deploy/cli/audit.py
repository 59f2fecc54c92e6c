"""How does an operator find out whether anybody changed the audit log?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.settings import read_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tenants.audit.chain import Head
    from tenants.audit.verifying import BrokenLink, Log, Verdict
    from tenants.sealing.keyring import Keyring

app = typer.Typer(help="The audit logs of all tenants.", no_args_is_help=True)

_TOLD = {
    "EDITED": "is not what was recorded",
    "REMOVED": "was removed",
    "INSERTED": "was put into the log past the gateway",
    "REORDERED": "stands in another's place",
    "HEAD_LOST": "is not the noted head: the end of the log was cut off or replaced",
}


@app.callback()
def audit() -> None:
    """Keep `verify` a command of its own, though it is the only one."""


@app.command()
def verify(
    *,
    tenant: Annotated[str | None, typer.Option(metavar="SLUG", help="Only this tenant's log.")] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SLUG=HEAD",
            help="A head noted earlier, as `audit verify` or the worker told it; may be given again and again.",
        ),
    ] = None,
) -> None:
    """Go through every entry of the audit logs; tell each tenant's head, and the first entry that is wrong.

    The exit status is 1 when an entry was edited, removed, inserted or moved, or when the master keys do not open a
    tenant's key, so that its log cannot be verified. Keep the heads, each SLUG=HEAD, outside the
    database: with --head they prove later that the end of a log was not cut off.
    """
    noted = _read_heads(head or [], tenant=tenant)
    verdicts = asyncio.run(_verify(tenant, noted))
    for log, verdict in verdicts:
        typer.echo("\t".join(_line(log, verdict)))
    if any(isinstance(verdict, str) or verdict.broken for _, verdict in verdicts):
        sys.exit(1)


async def _verify(slug: str | None, noted: Mapping[str, Sequence[Head]]) -> list[tuple[Log, Verdict | str]]:
    from deploy.connecting import open_engine
    from deploy.databases import open_databases
    from deploy.keys import open_key_service
    from services.onboarding.errors import TenantNotFound
    from tenants.audit.verifying import list_logs
    from tenants.sealing.keyring import Keyring

    settings = read_settings()
    async with (
        open_databases(settings) as databases,
        open_engine(databases.need_owner_url()) as engine,
        engine.connect() as connection,
    ):
        keyring = Keyring(open_key_service(settings, is_demo=databases.is_demo))
        logs = await list_logs(connection)
        chosen = [log for log in logs if slug in (None, log.slug)]
        names = {name for log in chosen for name in _names(log)}
        for named in (*([slug] if slug else []), *noted):
            if named not in names:
                raise TenantNotFound(slug=named)
        return [(log, await _judge(connection, keyring, log, noted)) for log in chosen]


def _names(log: Log) -> tuple[str, str]:
    """Tell what a tenant is called by `audit verify` and by the worker; a slug begins with a letter."""
    return (log.slug, str(log.tenant_id))


async def _judge(
    connection: AsyncConnection, keyring: Keyring, log: Log, noted: Mapping[str, Sequence[Head]]
) -> Verdict | str:
    from tenants.audit.verifying import verify_tenant
    from tenants.sealing.algorithms import SealBroken

    heads = [head for name in _names(log) for head in noted.get(name, ())]
    try:
        return await verify_tenant(connection, keyring=keyring, tenant_id=log.tenant_id, noted=heads)
    except (SealBroken, LookupError) as unreadable:
        # The other tenants' logs are gone through all the same.
        return str(unreadable)


def _read_heads(written: list[str], *, tenant: str | None) -> dict[str, list[Head]]:
    from tenants.audit.chain import read_head

    heads: dict[str, list[Head]] = {}
    for text in written:
        slug, _, head = text.partition("=")
        try:
            heads.setdefault(slug, []).append(read_head(head))
        except ValueError:
            raise typer.BadParameter(f"{text} is not of the form SLUG=NUMBER:HASH") from None
        if tenant is not None and not slug.isdecimal() and slug != tenant:
            raise typer.BadParameter(f"{text} is a head of {slug}, and only {tenant} is to be verified")
    return heads


def _line(log: Log, verdict: Verdict | str) -> tuple[str, ...]:
    if isinstance(verdict, str):
        return (log.slug, "UNREADABLE", verdict)
    counted = (f"{verdict.head.sequence} entries", f"{verdict.waiting_count} not yet chained")
    if verdict.broken is None:
        return (log.slug, "ok", *counted, f"head {log.slug}={verdict.head}")
    return (log.slug, "BROKEN", verdict.broken.kind.value, _tell(log, verdict.broken))


def _tell(log: Log, broken: BrokenLink) -> str:
    number = f" number {broken.sequence}" if broken.sequence is not None else ""
    entry = f" aud_{log.tenant_id}_{broken.entry_id}" if broken.entry_id is not None else ""
    return f"entry{number}{entry} {_TOLD[broken.kind.value]}"
