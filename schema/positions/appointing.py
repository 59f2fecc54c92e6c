"""Which posts may be given and ended under a condition? What services.positions.rules asks of them, asked of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import and_, exists, or_

from schema.compiler.context import ScopeBinds
from schema.compiler.declare import Row, plain_table
from schema.compiler.json_sql import quoted
from services.places.tables import Place
from services.positions.tables import PositionKind
from tenants.policies.roles import starting_roles

_GRID_PLACES = ("grid", "building", "building,grid", "grid,building")
_APPOINTING = sorted({role.position for role in starting_roles() if role.permission == "position:appoint"})


def _is_of_kind(row: Row, *asked: Callable[[Any], Any]) -> Any:
    kind = plain_table(PositionKind).alias("kind_of_post")
    # Whoever ends posts at some places or under a condition ends none that give posts in turn.
    conditions = (*(ask(kind.c) for ask in asked), *(kind.c.grants_as != quoted(code) for code in _APPOINTING))
    found = exists().where(kind.c.tenant_id == row.c.tenant_id, kind.c.code == row.c.kind_code, *conditions)
    return found.correlate_except(kind)


def _is_grid_post(kind: Any) -> Any:
    return or_(*(kind.place_kinds == quoted(kinds) for kinds in _GRID_PLACES))


def _grid_posts(row: Row, _: ScopeBinds) -> Any:
    return _is_of_kind(row, _is_grid_post, lambda kind: ~kind.is_party_post)


def _party_grid_posts(row: Row, _: ScopeBinds) -> Any:
    return _is_of_kind(row, _is_grid_post, lambda kind: kind.is_party_post)


def _of_my(body_kind: str) -> Callable[[Row, ScopeBinds], Any]:
    def asked(row: Row, scope: ScopeBinds) -> Any:
        mine = scope.holds_any(estate_ids=row.c.place_id), scope.holds_any(body_ids=row.c.body_id)
        return and_(*mine, _is_of_kind(row, lambda kind: kind.body_kinds == quoted(body_kind)))

    return asked


def in_care(row: Row, scope: ScopeBinds) -> Any:
    """Appoint and end the posts at my places and at those inside them."""
    place = plain_table(Place).alias("post_at")
    mine = or_(
        scope.holds_any(grid_ids=place.c.id, building_ids=place.c.id, estate_ids=place.c.id, dwelling_ids=place.c.id),
        scope.holds_any(grid_ids=place.c.grid_id, building_ids=place.c.building_id, estate_ids=place.c.estate_id),
    )
    here = exists().where(place.c.tenant_id == row.c.tenant_id, place.c.id == row.c.place_id, mine)
    return and_(here.correlate_except(place), _is_of_kind(row))


CONDITIONS: Mapping[str, Callable[[Row, ScopeBinds], Any]] = {
    "grid_posts": _grid_posts,
    "party_grid_posts": _party_grid_posts,
    "own_staff": _of_my("property_company"),
    "committee_members": _of_my("owners_committee"),
}
