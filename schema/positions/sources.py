"""Where are posts read from, and who sees which?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, literal_column, or_

from schema.compiler.context import ACCOUNT, TODAY, ScopeBinds
from schema.compiler.declare import Reserved, Row, Source, plain_table, table_of
from schema.positions.appointing import CONDITIONS, in_care
from services.places.tables import Place
from services.positions.tables import Position, PositionKind

OFF_THE_BOARD: Any = literal_column("9999")


def _inside(row: Row, scope: ScopeBinds) -> Any:
    """See the posts of my bodies, at my places and at those inside them."""
    place = plain_table(Place).alias("post_at")
    mine = or_(
        scope.holds_any(grid_ids=place.c.id, building_ids=place.c.id, estate_ids=place.c.id, dwelling_ids=place.c.id),
        scope.holds_any(grid_ids=place.c.grid_id, building_ids=place.c.building_id, estate_ids=place.c.estate_id),
    )
    here = exists().where(place.c.tenant_id == row.c.tenant_id, place.c.id == row.c.place_id, mine)
    return or_(scope.holds_any(body_ids=row.c.body_id), here.correlate_except(place))


def is_current(row: Row) -> Any:
    """Ask that a post or contract is in force today."""
    return (row.c.since <= TODAY) & or_(row.c.until.is_(None), row.c.until >= TODAY)


def is_on_board(row: Row) -> Any:
    """Ask that a post stands on the duty board."""
    return row.c.board_rank < OFF_THE_BOARD


def _is_off_board(row: Row) -> Any:
    return row.c.board_rank >= OFF_THE_BOARD


def _is_mine(row: Row) -> Any:
    return row.c.account_id == ACCOUNT


# All posts, as they are listed to those who end them.
APPOINTMENT = Source(
    table=table_of(Position), name="appointments", permission="position:end", within=in_care, conditions=CONDITIONS
)
# Who gives posts sees those that can be given; by a roster alone none is asked for by itself.
APPOINTED = Source(
    table=table_of(Position),
    name="appointed",
    permission="position:appoint",
    never_under=frozenset({"by_roster"}),
    within=in_care,
    conditions=CONDITIONS,
)
# Off the board stand residents and inner posts: they are nobody's business but their holders' and those who appoint.
POSITION = Source(
    table=table_of(Position),
    name="positions",
    prefix="pos",
    permission="place:read",
    within=_inside,
    reserved=Reserved(which=_is_off_board, own=_is_mine, shown_by=(APPOINTMENT, APPOINTED)),
)
# A kind is reached through a post alone, by the post's own tenant.
KIND = Source(table=table_of(PositionKind), name="position_kinds")
