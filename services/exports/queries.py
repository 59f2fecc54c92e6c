"""What is asked of exports?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Select, and_, func, select

from services.exports.rules import UNFINISHED
from services.exports.tables import Export
from services.positions.tables import Position, PositionKind
from tenants.tables import Account

# Across all tenants, and telling nothing but ids: deploy/migrations has the function.
CLAIM = "select tenant_id, id, account_id from app.claim_export($1, $2, $3)"


def unfinished_of(*, tenant_id: int, account_id: uuid.UUID) -> Select[int]:
    """Count what an account has asked for and not got."""
    waits = Export.status.in_(UNFINISHED)
    return (
        select(func.count())
        .select_from(Export)
        .where(Export.tenant_id == tenant_id, Export.account_id == account_id, waits)
    )


def name_of_account(account_id: uuid.UUID) -> Select[str | None]:
    """Tell what an account is called."""
    return select(Account.display_name).where(Account.id == account_id)


def name_of_post(*, tenant_id: int, position_id: uuid.UUID) -> Select[str]:
    """Tell which kind of post it is, and what it is called in public."""
    kind = and_(PositionKind.tenant_id == Position.tenant_id, PositionKind.code == Position.kind_code)
    return (
        select(func.concat_ws(" ", PositionKind.name, Position.public_name))
        .select_from(Position)
        .join(PositionKind, kind)
        .where(Position.tenant_id == tenant_id, Position.id == position_id)
    )


def waiting_export(*, tenant_id: int, export_id: uuid.UUID) -> Select[Export]:
    """Select, and lock, an export that may wait for a decision."""
    return select(Export).where(Export.tenant_id == tenant_id, Export.id == export_id).with_for_update()


def made_export(*, tenant_id: int, file_id: uuid.UUID, account_id: uuid.UUID, now: datetime) -> Select[Export]:
    """Select the export that a file is of, while it is given out, for its own account."""
    return select(Export).where(
        Export.tenant_id == tenant_id,
        Export.file_id == file_id,
        Export.account_id == account_id,
        Export.status == "DONE",
        Export.expires_at > now,
    )
