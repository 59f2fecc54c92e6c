"""What is every stored row made of, and which walls does its table declare?"""

from __future__ import annotations

import os
import time
import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Integer, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Byte order, the same on every machine: list orders and keyset cursors depend on it.
SORTED_TEXT = Text(collation="C")


def new_id() -> uuid.UUID:
    """Make a UUIDv7, so that rows made one after the other lie side by side in an index."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & (2**48 - 1)) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


class Table(DeclarativeBase):
    """Base of every stored table. A direct subclass is shared by all tenants and holds no personal data."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        uuid.UUID: Uuid,
        datetime: TIMESTAMP(timezone=True, precision=3),
    }


class TenantTable(Table):
    """Base of every table whose rows belong to exactly one tenant and are seen by that tenant alone."""

    __abstract__ = True

    tenant_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("tenants.id"), primary_key=True, autoincrement=False, sort_order=-3
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-2)


class OfficeTable(TenantTable):
    """Base of every tenant table that the street and the district above the tenant may read, too."""

    __abstract__ = True

    street_id: Mapped[int | None] = mapped_column(Integer, sort_order=-1)
    district_id: Mapped[int | None] = mapped_column(Integer, sort_order=-1)
