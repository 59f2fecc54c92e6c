"""How is an account told of something, and how does it say that it has read it?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, or_, tuple_, update

from services.notifications.tables import Notification
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class Telling:
    """What one account is told of a case of the acting tenant."""

    account_id: uuid.UUID
    # Where the account acts from, and sees the case.
    post_tenant_id: int
    case_id: uuid.UUID
    kind: str
    number: str
    subject: str
    note: str | None = None


async def notify(work: TenantWork, told: Iterable[Telling]) -> None:
    """Tell accounts something, in the transaction in which it happens."""
    rows = [{**asdict(one), "tenant_id": work.tenant.id, "id": work.new_id(), "at": work.now()} for one in told]
    if rows:
        await work.session.execute(insert(Notification), rows)


async def mark_read(work: TenantWork, *, ids: Sequence[tuple[int, uuid.UUID]], until: datetime | None) -> int:
    """Note that the caller has read what is named by tenant and id, or all up to an instant; tell how much it was."""
    unread = (Notification.account_id == work.grants.account_id, Notification.read_at.is_(None))
    named = tuple_(Notification.tenant_id, Notification.id).in_(ids)
    is_meant = named if until is None else or_(named, Notification.at <= until)
    marked = update(Notification).where(*unread, is_meant).values(read_at=work.now())
    connection = await work.session.connection()
    return (await connection.execute(marked)).rowcount
