"""What do those who appoint see of all posts, on the duty board and off it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import strawberry
from sqlalchemy import Boolean, Text, and_, cast, exists, or_

from schema.bodies.types import BodyInterface
from schema.compiler.context import ScopeBinds
from schema.compiler.declare import FieldClass, One, Row, Source, column, read, reads, table_of, where
from schema.compiler.json_sql import quoted
from schema.places.areas import PlaceInterface
from schema.positions.sources import is_current
from schema.positions.types import PositionKindType
from services.places.tables import Place
from services.positions.tables import Position, PositionKind
from tenants.policies.roles import starting_roles

PERMISSION = "position:end"


# What check_may of services.positions.rules asks of a post before it is ended, asked of rows.
_GRID_PLACES = ("grid", "building", "building,grid", "grid,building")
_APPOINTING = sorted({role.position for role in starting_roles() if role.permission == "position:appoint"})


def _is_of_kind(row: Row, *asked: Callable[[Any], Any]) -> Any:
    kind = PositionKind.__table__.alias("kind_of_post")
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


def _inside(row: Row, scope: ScopeBinds) -> Any:
    """See the posts at my places and at those inside them."""
    place = Place.__table__.alias("post_at")
    mine = or_(
        scope.holds_any(grid_ids=place.c.id, building_ids=place.c.id, estate_ids=place.c.id, dwelling_ids=place.c.id),
        scope.holds_any(grid_ids=place.c.grid_id, building_ids=place.c.building_id, estate_ids=place.c.estate_id),
    )
    here = exists().where(place.c.tenant_id == row.c.tenant_id, place.c.id == row.c.place_id, mine)
    return and_(here.correlate_except(place), _is_of_kind(row))


APPOINTMENT = Source(
    table=table_of(Position),
    name="appointments",
    permission=PERMISSION,
    within=_inside,
    conditions={
        "grid_posts": _grid_posts,
        "party_grid_posts": _party_grid_posts,
        "own_staff": _of_my("property_company"),
        "committee_members": _of_my("owners_committee"),
    },
)


def _position_id(row: Row) -> Any:
    return quoted("pos_").concat(cast(row.c.tenant_id, Text)).concat(quoted("_")).concat(cast(row.c.id, Text))


@reads(APPOINTMENT)
@strawberry.type(name="Appointment", description="任职: who holds which post, for those who may end it.")
class AppointmentType:
    """A post with its holder's name."""

    position_id: strawberry.ID = column(_position_id, "What `endPosition` takes.")
    kind: PositionKindType | None = read(
        One(on=lambda post, kind: (kind.c.tenant_id == post.c.tenant_id) & (kind.c.code == post.c.kind_code))
    )
    holder_name: str | None = column(
        lambda post: post.c.public_name, "The name given with the post.", field_class=FieldClass.PERSONAL
    )
    duty_phone: str | None = column(lambda post: post.c.duty_phone, field_class=FieldClass.INTERNAL)
    has_account: bool | None = column(
        lambda post: post.c.account_id.is_not(None), "Can sign in.", field_class=FieldClass.INTERNAL
    )
    since: date | None = column(lambda post: post.c.since, field_class=FieldClass.INTERNAL)
    until: date | None = column(lambda post: post.c.until, field_class=FieldClass.INTERNAL)
    place: PlaceInterface | None = read(
        One(on=lambda post, place: (place.c.tenant_id == post.c.tenant_id) & (place.c.id == post.c.place_id))
    )
    body: BodyInterface | None = read(One(on=lambda post, body: body.c.id == post.c.body_id))


def _is_current(row: Row, value: Any) -> Any:
    return is_current(row) == value.mapped(lambda chosen, _: chosen, Boolean())


@strawberry.input(name="AppointmentFilter", description="Every condition given must hold.")
class AppointmentFilter:
    """Which posts."""

    kind_code: str | None = where(lambda row, value: row.c.kind_code == value.text())
    is_current: bool | None = where(_is_current, "In force today, or not.")
