"""What may be done with divisions? A newer list is taken in, and the older kept as history.

The table is shared by all tenants, so this is the owner's work, in a transaction that the caller opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.divisions.errors import (
    DivisionsAreOlder,
    DivisionsHaveBadRows,
    DivisionsOfTheFuture,
    DivisionsWouldEnd,
    UnknownCodeSystem,
)
from services.divisions.queries import (
    codes_under,
    count_in_force,
    divisions_in_force,
    is_one_of_codes,
    is_one_of_ids,
    newest_knowledge,
)
from services.divisions.reading import DivisionFile
from services.divisions.rules import (
    CODE_SYSTEMS,
    Comparison,
    DivisionRow,
    StoredDivision,
    compare,
    ends_many,
    find_roots,
)
from tenants.database import new_id
from tenants.tables import Division


@dataclass(frozen=True, slots=True)
class Edition:
    """A code system's state as of a day."""

    system: str
    as_of: date


async def import_divisions(
    connection: AsyncConnection, *, file: DivisionFile, edition: Edition, today: date, may_end_many: bool = False
) -> Comparison:
    """Take in a list of divisions; tell what is new, renamed, moved and ended.

    Raises UnknownCodeSystem, DivisionsOfTheFuture, DivisionsHaveBadRows, DivisionsAreOlder and, unless it may end
    many, DivisionsWouldEnd.
    """
    if edition.system not in CODE_SYSTEMS:
        raise UnknownCodeSystem(system=edition.system, known=", ".join(CODE_SYSTEMS))
    if edition.as_of > today:
        raise DivisionsOfTheFuture(as_of=edition.as_of, today=today)
    if file.errors:
        raise DivisionsHaveBadRows(row_count=len({problem.row for problem in file.errors}))
    # Two imports of one system would each miss what the other adds.
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"divisions {edition.system}"))))
    comparison = await _compare(connection, file.rows, edition)
    known_count = await connection.scalar(count_in_force(system=edition.system)) or 0
    if not may_end_many and ends_many(comparison, known_count=known_count):
        raise DivisionsWouldEnd(ended_count=len(comparison.ended), known_count=known_count)
    await _write(connection, comparison, edition)
    return comparison


async def _compare(connection: AsyncConnection, rows: Sequence[DivisionRow], edition: Edition) -> Comparison:
    listed = [row.code for row in rows]
    newest = await connection.scalar(newest_knowledge(system=edition.system, codes=listed))
    if newest is not None and newest > edition.as_of:
        raise DivisionsAreOlder(stored=newest, as_of=edition.as_of)
    under = codes_under(system=edition.system, roots=find_roots(rows))
    in_scope = set((await connection.scalars(under)).all())
    found = await connection.execute(
        divisions_in_force(system=edition.system, codes=in_scope.union(listed)).order_by(Division.code)
    )
    stored = [StoredDivision(row.id, row.code, row.level, row.name, row.parent_code, row.valid_from) for row in found]
    return compare(rows, stored=stored, in_scope=in_scope)


async def _write(connection: AsyncConnection, comparison: Comparison, edition: Edition) -> None:
    # What began on the very day of this list is corrected by it, not made history: it never was.
    corrected = [one for one in comparison.revised if one.stored.valid_from == edition.as_of]
    replaced = [one for one in comparison.revised if one.stored.valid_from != edition.as_of]
    mistaken = [one.id for one in comparison.ended if one.valid_from == edition.as_of]
    over = [one.id for one in comparison.ended if one.valid_from != edition.as_of]
    over.extend(one.stored.id for one in replaced)
    if mistaken:
        await connection.execute(delete(Division).where(is_one_of_ids(mistaken)))
    if over:
        day_before = edition.as_of - timedelta(days=1)
        await connection.execute(update(Division).where(is_one_of_ids(over)).values(valid_to=day_before))
    for one in corrected:
        values = {"level": one.row.level, "name": one.row.name, "parent_code": one.row.parent_code}
        await connection.execute(update(Division).where(Division.id == one.stored.id).values(values))
    added = [*comparison.new, *(one.row for one in replaced)]
    if added:
        await connection.execute(insert(Division), [_row(row, edition) for row in added])
    confirmed = [one.code for one in comparison.unchanged]
    await connection.execute(
        update(Division)
        .where(
            Division.system == edition.system,
            Division.valid_to.is_(None),
            Division.confirmed_on < edition.as_of,
            is_one_of_codes(confirmed),
        )
        .values(confirmed_on=edition.as_of)
    )


def _row(row: DivisionRow, edition: Edition) -> dict[str, object]:
    return {
        "id": new_id(),
        "system": edition.system,
        "code": row.code,
        "level": row.level,
        "name": row.name,
        "parent_code": row.parent_code,
        "valid_from": edition.as_of,
        "confirmed_on": edition.as_of,
    }
