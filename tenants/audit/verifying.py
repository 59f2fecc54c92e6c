"""Is a tenant's audit log still what was written? If not, which entry is the first that is wrong?"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.audit.chain import START, Break, Digest, Head, chain_on, digest_entry
from tenants.audit.chaining import USAGE
from tenants.audit.tables import AuditLink, AuditQueued, AuditRecord
from tenants.sealing.keyring import Keyring
from tenants.sealing.values import TenantSealer
from tenants.tables import Tenant

BATCH = 2000


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first entry that is wrong: how, the number it has or should have in the chain, and its id if known."""

    kind: Break
    sequence: int | None
    entry_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of verifying a tenant's log."""

    # As far as the chain holds.
    head: Head
    # Entries that no worker has chained yet; they can still be changed unseen.
    waiting_count: int
    broken: BrokenLink | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """Whose log it is."""

    tenant_id: int
    slug: str


async def list_logs(connection: AsyncConnection) -> list[Log]:
    """List the tenants, open or not, as the owner."""
    found = await connection.execute(select(Tenant.id, Tenant.slug).order_by(Tenant.slug))
    return [Log(row.id, row.slug) for row in found]


async def verify_tenant(
    connection: AsyncConnection, *, keyring: Keyring, tenant_id: int, noted: Sequence[Head] = ()
) -> Verdict:
    """Go through a tenant's chain from the start, as the worker or the owner.

    Every head that was noted outside the database earlier has to lie on the chain. Raises SealBroken.
    """
    walk = _Walk(await keyring.sealer_of(connection, tenant_id=tenant_id), noted=noted)
    async for link in _links(connection, tenant_id):
        walk.step(link)
        if walk.broken:
            break
    waiting = await connection.scalar(
        select(func.count()).select_from(AuditQueued).where(AuditQueued.tenant_id == tenant_id)
    )
    broken = walk.broken or walk.end() or await _find_inserted(connection, tenant_id)
    return Verdict(walk.head, waiting or 0, broken)


@dataclass(slots=True)
class _Walk:
    sealer: TenantSealer | None
    noted: Sequence[Head]
    head: Head = START
    broken: BrokenLink | None = None
    _digests: dict[uuid.UUID, Digest] = field(default_factory=dict)

    def step(self, link: RowMapping) -> None:
        sequence = self.head.sequence + 1
        kind = self._judge(link, sequence)
        if kind is None:
            self.head = Head(sequence, link["chain"])
            if any(noted.sequence == sequence and noted.chain != link["chain"] for noted in self.noted):
                kind = Break.HEAD_LOST
        if kind is not None:
            # A number left out names the entry that is no longer there.
            entry_id = link["link_id"] if link["sequence"] == sequence else None
            self.broken = BrokenLink(kind, sequence, entry_id)

    def end(self) -> BrokenLink | None:
        lost = [noted.sequence for noted in self.noted if noted.sequence > self.head.sequence]
        return BrokenLink(Break.HEAD_LOST, min(lost), None) if lost else None

    def _judge(self, link: RowMapping, sequence: int) -> Break | None:
        if link["sequence"] != sequence or link["id"] is None:
            return Break.REMOVED
        by = self._digest(link["key_id"])
        if digest_entry(link, by=by) != link["digest"]:
            return Break.EDITED
        if chain_on(self.head, digest=link["digest"], by=by).chain != link["chain"]:
            return Break.REORDERED
        return None

    def _digest(self, key_id: uuid.UUID) -> Digest:
        if self.sealer is None:
            raise LookupError("a chain without a data key")
        if key_id not in self._digests:
            self._digests[key_id] = self.sealer.keyed_digest(USAGE, key=self.sealer.key(key_id)).of
        return self._digests[key_id]


async def _links(connection: AsyncConnection, tenant_id: int) -> AsyncIterator[RowMapping]:
    links, entries = AuditLink.__table__, AuditRecord.__table__
    same = (entries.c.tenant_id == links.c.tenant_id) & (entries.c.id == links.c.id)
    chosen = select(
        links.c.id.label("link_id"),
        *(links.c[name] for name in ("sequence", "key_id", "digest", "chain")),
        *entries.c,
    ).select_from(links.outerjoin(entries, same))
    after = 0
    while True:
        batch = (
            (
                await connection.execute(
                    chosen.where(links.c.tenant_id == tenant_id, links.c.sequence > after)
                    .order_by(links.c.sequence)
                    .limit(BATCH)
                )
            )
            .mappings()
            .all()
        )
        for link in batch:
            yield link
        if len(batch) < BATCH:
            return
        after = batch[-1]["sequence"]


async def _find_inserted(connection: AsyncConnection, tenant_id: int) -> BrokenLink | None:
    entry = AuditRecord.__table__
    linked = exists().where(AuditLink.tenant_id == entry.c.tenant_id, AuditLink.id == entry.c.id)
    queued = exists().where(AuditQueued.tenant_id == entry.c.tenant_id, AuditQueued.id == entry.c.id)
    found = await connection.scalar(
        select(entry.c.id)
        .where(entry.c.tenant_id == tenant_id, ~linked, ~queued)
        .order_by(entry.c.at, entry.c.id)
        .limit(1)
    )
    return BrokenLink(Break.INSERTED, None, found) if found else None
