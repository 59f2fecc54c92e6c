"""What is stored about residents, sealed, and about where they live and what they own?"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import SORTED_TEXT, TenantTable
from tenants.tables import one_of

HOLDER_ROLES = ("owner", "renter")
RESIDENCES = ("OWNER_OCCUPIED", "RENTED", "VACANT", "OTHER")


class Person(TenantTable):
    """A person, known to one tenant only. Plain text is never stored: sealed value, masked form, blind index."""

    __tablename__ = "people"
    __table_args__ = (
        Index("ix_people_name", "tenant_id", "name_index"),
        Index("ix_people_phone", "tenant_id", "phone_index"),
        Index("ix_people_identity", "tenant_id", "identity_index"),
    )

    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name_masked: Mapped[str]
    name_index: Mapped[bytes] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_masked: Mapped[str | None]
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    identity_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    identity_masked: Mapped[str | None]
    identity_index: Mapped[bytes | None] = mapped_column(LargeBinary)


def _dwelling() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "dwelling_id"], ["places.tenant_id", "places.id"])


class DwellingHolder(TenantTable):
    """An owner (业主) of a dwelling with a share, or the renter (承租人) of public housing."""

    __tablename__ = "dwelling_holders"
    __table_args__ = (
        CheckConstraint(one_of("role", HOLDER_ROLES), name="role"),
        _dwelling(),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        Index("ix_dwelling_holders_dwelling", "tenant_id", "dwelling_id", "role", "ordinal", "id"),
        Index("ix_dwelling_holders_person", "tenant_id", "person_id"),
    )

    dwelling_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID]
    role: Mapped[str]
    # As the register names it, for example "1/2"; null when it does not say.
    share: Mapped[str | None]
    ordinal: Mapped[int] = mapped_column(server_default=text("0"))


class Household(TenantTable):
    """Those who live in a dwelling, under their head (户主), from a day to a day. A null `since` is not known."""

    __tablename__ = "households"
    __table_args__ = (
        CheckConstraint(one_of("residence", RESIDENCES), name="residence"),
        CheckConstraint("head_count > 0", name="head_count"),
        CheckConstraint("until >= since", name="dates"),
        _dwelling(),
        ForeignKeyConstraint(["tenant_id", "head_id"], ["people.tenant_id", "people.id"]),
        Index("ix_households_dwelling", "tenant_id", "dwelling_id", "sort_key", "id"),
        Index("ix_households_head", "tenant_id", "head_id"),
    )

    dwelling_id: Mapped[uuid.UUID]
    head_id: Mapped[uuid.UUID | None]
    head_count: Mapped[int | None]
    residence: Mapped[str | None]
    since: Mapped[date | None]
    until: Mapped[date | None]
    # Current households first, then the latest to leave; kept by services.people.rules.household_key.
    sort_key: Mapped[str] = mapped_column(SORTED_TEXT, server_default=text("''"))
