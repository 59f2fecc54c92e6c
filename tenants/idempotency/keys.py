"""Has this call come before, and what was it answered? A key is taken in the transaction of the act itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.errors import Refused
from tenants.idempotency.errors import IdempotencyKeyInvalid, IdempotencyKeyReused, RepeatedRefusal
from tenants.idempotency.tables import IdempotencyKey
from tenants.work import TenantWork

FIELD = "idempotencyKey"
LONGEST_KEY = 100
KEPT_FOR = timedelta(days=7)
# Deleted in one transaction of the worker.
KEYS_SWEPT_AT_ONCE = 1000
# A refusal may repeat what a caller wrote, and that may be long.
_LONGEST_TEXT = 500

_KEYS = IdempotencyKey.__table__.c


@dataclass(frozen=True, slots=True)
class Call:
    """A mutation that came with a key, and a keyed digest of its input."""

    mutation: str
    key: str
    input_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mutation answers: the row that it wrote, or why not; an import may have both."""

    row_id: uuid.UUID | None = None
    row_tenant_id: int | None = None
    refusal: Refused | None = None


def check_key(key: str) -> None:
    """Refuse a key that is empty, long or cannot be printed.

    Raises IdempotencyKeyInvalid.
    """
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise IdempotencyKeyInvalid(limit=LONGEST_KEY, field=FIELD)


async def take_key(work: TenantWork, *, call: Call) -> Answer | None:
    """Take the key for this unit of work, or give what was answered under it before.

    Waits for whoever is at work under the same key. Raises IdempotencyKeyReused.
    """
    taken = await work.session.scalar(
        insert(IdempotencyKey)
        .values(
            tenant_id=work.tenant.id,
            id=work.new_id(),
            account_id=work.grants.account_id,
            mutation=call.mutation,
            key=call.key,
            input_hash=call.input_hash,
            made_at=work.now(),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "account_id", "mutation", "key"])
        .returning(_KEYS.id)
    )
    return None if taken is not None else await find_answer(work, call=call)


async def find_answer(work: TenantWork, *, call: Call) -> Answer | None:
    """Find what was answered under the key before.

    Raises IdempotencyKeyReused.
    """
    row = (await work.session.execute(select(*_KEYS).where(*_own(work, call)))).one_or_none()
    if row is None:
        return None
    if row.input_hash != call.input_hash:
        raise IdempotencyKeyReused(field=FIELD)
    return Answer(row.row_id, row.row_tenant_id, _refusal(row))


async def keep_answer(work: TenantWork, *, call: Call, answer: Answer) -> None:
    """Keep what a call is answered whose key this unit of work took."""
    refused = answer.refusal
    values: dict[str, object] = {"row_id": answer.row_id, "row_tenant_id": answer.row_tenant_id}
    if refused is not None:
        values |= {
            "refusal_code": refused.code,
            "refusal_field": refused.field,
            "refusal_zh": refused.text("zh")[:_LONGEST_TEXT],
            "refusal_en": refused.text("en")[:_LONGEST_TEXT],
        }
    await work.session.execute(
        update(IdempotencyKey).where(*_own(work, call)).values(values).execution_options(synchronize_session=False)
    )


async def sweep_keys(connection: AsyncConnection, *, now: datetime) -> int:
    """Delete keys of all tenants that are older than a week, as the worker; tell how many, a thousand at most."""
    old = select(_KEYS.tenant_id, _KEYS.id).where(_KEYS.made_at <= now - KEPT_FOR)
    found = (await connection.execute(old.order_by(_KEYS.made_at).limit(KEYS_SWEPT_AT_ONCE))).all()
    for tenant_id in {row.tenant_id for row in found}:
        ids = [row.id for row in found if row.tenant_id == tenant_id]
        await connection.execute(delete(IdempotencyKey).where(_KEYS.tenant_id == tenant_id, _KEYS.id.in_(ids)))
    return len(found)


def _own(work: TenantWork, call: Call) -> tuple[ColumnElement[bool], ...]:
    return (
        _KEYS.tenant_id == work.tenant.id,
        _KEYS.account_id == work.grants.account_id,
        _KEYS.mutation == call.mutation,
        _KEYS.key == call.key,
    )


def _refusal(row: Row[*tuple[Any, ...]]) -> Refused | None:
    if row.refusal_code is None:
        return None
    return RepeatedRefusal(row.refusal_code, zh=row.refusal_zh, en=row.refusal_en, field=row.refusal_field)
