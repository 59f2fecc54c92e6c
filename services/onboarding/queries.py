"""What is asked of tenants when they are opened, changed and listed?"""

from __future__ import annotations

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import TextClause

from tenants.tables import Division, Tenant

NEXT_TENANT_ID: TextClause = text("select nextval(pg_get_serial_sequence('tenants', 'id'))::integer")


def tenant_of(slug: str) -> Select[Tenant]:
    """Select the tenant of a slug, whatever its status."""
    return select(Tenant).where(Tenant.slug == slug)


def tenant_with_code(system: str, code: str) -> Select[Tenant]:
    """Select the tenant that has a division code, unless it is closed."""
    return select(Tenant).where(Tenant.code_system == system, Tenant.code == code, Tenant.status != "closed").limit(1)


def has_divisions(system: str) -> Select[bool]:
    """Ask whether any divisions of a code system were imported."""
    return select(select(Division.id).where(Division.system == system).exists())


def slugs_below(tenant_id: int) -> Select[str]:
    """Select the slugs of the tenants right below one, as far as they are not closed."""
    return (
        select(Tenant.slug)
        .where(Tenant.parent_id == tenant_id, Tenant.status != "closed")
        .order_by(Tenant.sort_key, Tenant.id)
    )


def tenants_with_parents() -> Select[str, str, str, str, str | None, str | None, str | None]:
    """Select all tenants, each office before those below it, with the slugs of their parents."""
    parent = aliased(Tenant)
    district = aliased(Tenant)
    street = aliased(Tenant)
    return (
        select(
            Tenant.slug,
            Tenant.name,
            Tenant.kind,
            Tenant.status,
            Tenant.code_system,
            Tenant.code,
            parent.slug.label("parent_slug"),
        )
        .outerjoin(parent, parent.id == Tenant.parent_id)
        .outerjoin(district, district.id == Tenant.district_id)
        .outerjoin(street, street.id == Tenant.street_id)
        .order_by(
            func.coalesce(district.sort_key, street.sort_key, Tenant.sort_key),
            func.coalesce(Tenant.district_id, Tenant.street_id, Tenant.id),
            (Tenant.kind == "district").desc(),
            func.coalesce(street.sort_key, Tenant.sort_key),
            func.coalesce(Tenant.street_id, Tenant.id),
            (Tenant.kind == "street").desc(),
            Tenant.sort_key,
            Tenant.id,
        )
    )
