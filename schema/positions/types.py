"""What do clients see of posts?"""

from __future__ import annotations

from datetime import date

import strawberry
from sqlalchemy import case, null, select

from schema.bodies.types import BodyInterface
from schema.compiler.context import ACCOUNT
from schema.compiler.declare import One, Row, column, plain_table, read, reads
from schema.node import NodeInterface
from schema.places.areas import PlaceInterface
from schema.positions.sources import KIND, POSITION, is_on_board
from services.positions.tables import PositionKind


@reads(KIND)
@strawberry.type(name="PositionKind", description="岗位类型: a kind of post; each tenant may add its own.")
class PositionKindType:
    """A kind of post."""

    code: str = column(lambda kind: kind.c.code)
    name: str = column(lambda kind: kind.c.name)


def _kind(post: Row, kind: Row) -> object:
    return (kind.c.tenant_id == post.c.tenant_id) & (kind.c.code == post.c.kind_code)


def _duties(post: Row) -> object:
    kind = plain_table(PositionKind).alias("kind_of_post")
    found = select(kind.c.duties).where(kind.c.tenant_id == post.c.tenant_id, kind.c.code == post.c.kind_code)
    return found.correlate_except(kind).scalar_subquery()


def _public_name(post: Row) -> object:
    # Off the board stand residents and inner posts: their names are nobody's but the holder's.
    return case((is_on_board(post) | (post.c.account_id == ACCOUNT), post.c.public_name), else_=null())


@reads(POSITION)
@strawberry.type(
    name="Position",
    description="岗位: somebody in a post at a place, from a day to a day. "
    "Off the duty board (公示牌) it is seen by its holder and by those who appoint.",
)
class PositionType(NodeInterface):
    """A post and who holds it."""

    kind: PositionKindType | None = read(One(on=_kind))
    public_name: str | None = column(_public_name, "The name published with the post; null for posts off the board.")
    duty_phone: str | None = column(
        lambda post: post.c.duty_phone, "The phone published with the post; off the board there is none."
    )
    duties: str | None = column(_duties, "What the post is there for, as on the duty board.")
    since: date | None = column(lambda post: post.c.since)
    until: date | None = column(lambda post: post.c.until, "Last day; null while it has no end.")
    place: PlaceInterface | None = read(
        One(on=lambda post, place: (place.c.tenant_id == post.c.tenant_id) & (place.c.id == post.c.place_id))
    )
    body: BodyInterface | None = read(One(on=lambda post, body: body.c.id == post.c.body_id))
