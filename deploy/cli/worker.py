"""How does an operator run what works in the background?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from deploy.garbage import settle
from deploy.settings import Settings, read_settings
from deploy.stopping import hearing


def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what waits and end, instead of going on.")] = False,
) -> None:
    """Fire deadlines, put what has happened in order, chain the audit logs, delete what has expired, until stopped.

    Connects as JINLIN_WORKER_URL. The heads of the chains are told on stderr as NUMBER=HEAD, by the tenants' numbers:
    keep them elsewhere, and `jinlin audit verify --head NUMBER=HEAD` proves later that no log was cut off at its end.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    # Addresses that tenants give may hold secrets of theirs.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    number = asyncio.run(_work(read_settings(), once=once))
    if number is not None:
        raise typer.Exit(128 + number)


async def _work(settings: Settings, *, once: bool) -> int | None:
    from deploy.databases import open_databases
    from deploy.keys import open_key_service
    from deploy.worker import open_worker

    async with open_databases(settings) as databases:
        keys = open_key_service(settings, is_demo=databases.is_demo)
        url, inside = databases.need_worker_url(), settings.may_call_inside
        async with open_worker(url, keys, due_tick=settings.due_tick, may_call_inside=inside) as running:
            if not once:
                settle()
                return await _until_told(running.run())
            fired, ordered = await running.fire_due(), await running.order_events()
            await running.order_notifications()
            await running.deliver()
            folded = await running.fold_counts()
            batches = await running.chain_audit()
            files, keys_deleted = await running.sweep_files(), await running.sweep_keys()
            await running.sweep_events()
            await running.sweep_notifications()
            await running.sweep_deliveries()
    typer.echo(
        f"{fired} deadlines fired, {ordered} events put in order, {folded} counts folded, "
        f"{batches} batches of the audit log chained, "
        f"{files} expired files and {keys_deleted} old keys deleted"
    )
    return None


async def _until_told(work: Coroutine[Any, Any, None]) -> int | None:
    """Work until a signal tells to end, and give its number."""
    task = asyncio.create_task(work)
    told: list[int] = []

    def end(number: int) -> None:
        told.append(number)
        task.cancel()

    with hearing(end):
        try:
            await task
        except asyncio.CancelledError:
            if not told:
                raise
    return told[0] if told else None
