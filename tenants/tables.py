"""What do all tenants share? Tenants, divisions, the directory of bodies, accounts, memberships."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import SORTED_TEXT, Table, TenantTable, new_id

TENANT_KINDS = ("district", "street", "community")
TENANT_STATUSES = ("open", "suspended", "closed")
BODY_KINDS = (
    "party_organization",
    "residents_committee",
    "property_company",
    "owners_committee",
    "department",
    "partner",
    "volunteer_team",
    "office",
)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Write the SQL condition that a text column holds one of the given values."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class Tenant(Table):
    """A district office, a street office or a community, in one tree."""

    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint(one_of("kind", TENANT_KINDS), name="kind"),
        CheckConstraint(one_of("status", TENANT_STATUSES), name="status"),
        CheckConstraint("kind <> 'district' or (parent_id is null and district_id = id)", name="district_is_root"),
        Index("ix_tenants_street_id_sort_key", "street_id", "kind", "sort_key", "id"),
        Index("ix_tenants_district_id_sort_key", "district_id", "kind", "sort_key", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(unique=True, default=new_id)
    slug: Mapped[str] = mapped_column(SORTED_TEXT, unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"), index=True)
    # A street's own id stands in its own street_id, a district's in its district_id, so that one
    # condition serves "mine and everything below".
    street_id: Mapped[int | None] = mapped_column(Integer)
    district_id: Mapped[int | None] = mapped_column(Integer)
    place_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=new_id)
    code: Mapped[str | None]
    code_system: Mapped[str | None]
    # The offices that it has lain under before.
    left_offices: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'::integer[]"))
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    time_zone: Mapped[str] = mapped_column(server_default=text("'Asia/Shanghai'"))
    sort_key: Mapped[str] = mapped_column(SORTED_TEXT)
    grants_version: Mapped[int] = mapped_column(server_default=text("1"))
    opened_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class TenantMove(TenantTable):
    """Until which day a tenant lay under which offices: under these before `moved_on`."""

    __tablename__ = "tenant_moves"
    __table_args__ = (Index("ix_tenant_moves_moved_on", "tenant_id", "moved_on", "moved_at"),)

    moved_on: Mapped[date]
    moved_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    from_street_id: Mapped[int | None] = mapped_column(Integer)
    from_district_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str]


class Division(Table):
    """An official division with its code, as one code system gave it for a span of time."""

    __tablename__ = "divisions"
    __table_args__ = (
        UniqueConstraint("system", "code", "valid_from"),
        Index("ix_divisions_parent", "system", "parent_code", "code"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    system: Mapped[str] = mapped_column(SORTED_TEXT)
    code: Mapped[str] = mapped_column(SORTED_TEXT)
    level: Mapped[str]
    name: Mapped[str]
    parent_code: Mapped[str | None] = mapped_column(SORTED_TEXT)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    # The newest day as of which a list still had it: an older list says nothing about it.
    confirmed_on: Mapped[date]


class Body(Table):
    """An organisation in the directory: kind, name, home tenant; nothing personal."""

    __tablename__ = "bodies"
    __table_args__ = (
        CheckConstraint(one_of("kind", BODY_KINDS), name="kind"),
        CheckConstraint("represents_tenant_id = home_tenant_id", name="represents"),
        Index("ix_bodies_home_tenant_id_kind", "home_tenant_id", "kind", "sort_key", "id"),
        Index("ix_bodies_place", "home_tenant_id", "place_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    name: Mapped[str]
    level: Mapped[str | None]
    credit_code: Mapped[str | None]
    home_tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bodies.id"), index=True)
    place_id: Mapped[uuid.UUID | None]
    sort_key: Mapped[str] = mapped_column(SORTED_TEXT)
    # The tenant for which this is the body that answers when nobody else does: its office or residents' committee.
    represents_tenant_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"), unique=True)


class Account(Table):
    """Somebody who can sign in: a subject vouched for by an issuer."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issuer: Mapped[str]
    subject: Mapped[str]
    display_name: Mapped[str]


class Membership(Table):
    """An account's post in a tenant, as far as sign-in needs to know it."""

    __tablename__ = "memberships"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True, autoincrement=False)
    position_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    since: Mapped[date]
    until: Mapped[date | None]
