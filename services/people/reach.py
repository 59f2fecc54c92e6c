"""Whom do a caller's posts reach, as commands ask it?"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_

from services.people.tables import DwellingHolder, Household, Person
from services.places.tables import Place
from tenants.grants import Grants
from tenants.work import TenantWork


def is_in_reach(work: TenantWork, *, permission: str) -> ColumnElement[bool] | None:
    """Ask that a person is one of those whom a permission of the caller reaches; None when it reaches nobody."""
    # What the grants of cases hang on (for_call_back, while_handed_over) is known to cases: see their contacts.
    rows = {grant.rows for grant in work.grants.of(permission) if grant.tenants == "acting" and not grant.condition}
    if "all" in rows:
        return Person.tenant_id == work.tenant.id
    inside = _is_inside(work.grants, permission) if rows else None
    if inside is None:
        return None
    owned = exists().where(
        DwellingHolder.tenant_id == Person.tenant_id,
        DwellingHolder.person_id == Person.id,
        Place.tenant_id == DwellingHolder.tenant_id,
        Place.id == DwellingHolder.dwelling_id,
        inside,
    )
    # Who has moved out is nobody's neighbour any more, though the household's history still names them, masked.
    headed = exists().where(
        Household.tenant_id == Person.tenant_id,
        Household.head_id == Person.id,
        or_(Household.until.is_(None), Household.until >= work.today()),
        Place.tenant_id == Household.tenant_id,
        Place.id == Household.dwelling_id,
        inside,
    )
    return or_(owned, headed)


def _is_inside(grants: Grants, permission: str) -> ColumnElement[bool] | None:
    scope = grants.scopes.get(permission)
    if scope is None:
        return None
    lists = (
        (Place.grid_id, scope.grid_ids),
        (Place.building_id, scope.building_ids),
        (Place.estate_id, scope.estate_ids),
        (Place.id, scope.dwelling_ids),
    )
    conditions = [column.in_(ids) for column, ids in lists if ids]
    return and_(Place.kind == "dwelling", or_(*conditions)) if conditions else None
