"""What do those who appoint see of all posts, on the duty board and off it?"""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry
from sqlalchemy import Boolean, Text, cast

from schema.bodies.types import BodyInterface
from schema.compiler.declare import FieldClass, One, Row, column, read, reads, where
from schema.compiler.json_sql import quoted
from schema.places.areas import PlaceInterface
from schema.positions.sources import APPOINTMENT, is_current
from schema.positions.types import PositionKindType


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
