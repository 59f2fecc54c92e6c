"""How do tens of thousands of records get into the tables quickly, as the gateway?

COPY is refused under row-level security, so each column goes over as one array, in chunks; a column that holds one
value throughout, as that value.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from asyncpg.pgproto import pgproto
from sqlalchemy import ARRAY, Dialect, LargeBinary, Table, bindparam, delete, func, insert, select, text, update

from tenants.database import OfficeTable, TenantTable
from tenants.work import TenantWork

FIRST_CHUNK = 100
CHUNK = 1_600
_AT_ONCE = 64
_DISCARD_PLANS = text("discard plans")
_BATCH = 4_096

Written = Callable[[int], None]


def row_ids() -> Iterator[uuid.UUID]:
    """Make UUIDv7s by the thousand, in order: the counter of RFC 9562 §6.2, method 1, and noise."""
    while True:
        stamp = (time.time_ns() // 1_000_000).to_bytes(6)
        noise = os.urandom(8 * _BATCH)
        for count in range(_BATCH):
            # 12 bits count within the millisecond, 62 bits are random.
            middle = (0x7000 | count).to_bytes(2)
            tail = noise[8 * count : 8 * count + 8]
            yield pgproto.UUID(stamp + middle + bytes((tail[0] & 0x3F | 0x80,)) + tail[1:])


async def insert_all(
    work: TenantWork,
    table: type[TenantTable],
    *,
    columns: Mapping[str, Sequence[object]],
    written: Written | None = None,
) -> None:
    """Insert rows given as columns of equal length, with the tenant's own columns added."""
    stored = _table(table)
    many = {name: values for name, values in columns.items() if name == "id" or not _is_one_value(values)}
    same = _tenant_columns(work, table) | {name: values[0] for name, values in columns.items() if name not in many}
    rows = func.unnest(*(_array(stored, name) for name in many)).table_valued(*many, name="given").render_derived()
    statement = insert(stored).from_select(
        [*same, *many],
        select(*(bindparam(f"own_{name}", value, stored.c[name].type) for name, value in same.items()), *rows.c),
    )
    for chunks in _growing_batches(len(columns["id"])):
        # The plans that look foreign keys up stay with a connection. Made while a table was all but empty, they
        # read the whole of it for each row: let them be made anew as it grows.
        await work.session.execute(_DISCARD_PLANS)
        # Sent without waiting: the driver makes some ready while the database is busy with those before.
        await work.session.execute(
            statement,
            [{f"all_{name}": list(values[start:end]) for name, values in many.items()} for start, end in chunks],
        )
        if written:
            written(chunks[-1][1] - chunks[0][0])


async def update_all(work: TenantWork, table: type[TenantTable], *, columns: Mapping[str, Sequence[object]]) -> None:
    """Update the rows whose ids are in the column `id`; all must be there."""
    stored = _table(table)
    rows = (
        func.unnest(*(_array(stored, name) for name in columns)).table_valued(*columns, name="given").render_derived()
    )
    statement = (
        update(stored)
        .where(stored.c.tenant_id == work.tenant.id, stored.c.id == rows.c.id)
        .values({name: rows.c[name] for name in columns if name != "id"})
    )
    total = len(columns["id"])
    for start in range(0, total, CHUNK):
        chunk = {f"all_{name}": list(values[start : start + CHUNK]) for name, values in columns.items()}
        done: Any = await work.session.execute(statement, chunk)
        if done.rowcount != len(chunk["all_id"]):
            message = f"{done.rowcount} rows of {stored.name} updated instead of {len(chunk['all_id'])}"
            raise AssertionError(message)


async def delete_all(work: TenantWork, table: type[TenantTable], *, ids: Sequence[uuid.UUID]) -> None:
    """Delete the rows with the given ids."""
    stored = _table(table)
    given = _array(stored, "id")
    statement = delete(stored).where(stored.c.tenant_id == work.tenant.id, stored.c.id == func.any(given))
    for start in range(0, len(ids), CHUNK):
        await work.session.execute(statement, {"all_id": list(ids[start : start + CHUNK])})


def columns_of(records: Iterable[tuple[object, ...]], names: Sequence[str]) -> dict[str, Sequence[object]]:
    """Turn records of named fields into columns."""
    return dict(zip(names, zip(*records, strict=True), strict=False)) or dict.fromkeys(names, ())


def take(ids: Iterator[uuid.UUID], count: int) -> list[uuid.UUID]:
    """Take so many ids."""
    return list(islice(ids, count))


def _growing_batches(total: int) -> Iterator[list[tuple[int, int]]]:
    """Divide so many rows into chunks, each from one row to another: small ones first, then ever more at once."""
    start, size, count = 0, FIRST_CHUNK, 1
    while start < total:
        batch = [(at, min(at + size, total)) for at in range(start, min(start + count * size, total), size)]
        yield batch
        start = batch[-1][1]
        if size < CHUNK:
            size *= 4
        else:
            count = min(4 * count, _AT_ONCE)


class _Bytes(LargeBinary):
    """Bytes, which the driver takes as they are."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        """Leave every value alone."""


def _is_one_value(values: Sequence[object]) -> bool:
    # A statement of its own is not worth its while for few rows; few columns that differ end as they begin.
    return len(values) > CHUNK and values[0] == values[-1] and values.count(values[0]) == len(values)


def _array(table: Table, name: str) -> Any:  # noqa: ANN401 - an array of whatever the column holds.
    kind = table.c[name].type
    return bindparam(f"all_{name}", type_=ARRAY(_Bytes() if isinstance(kind, LargeBinary) else kind))


def _table(table: type[TenantTable]) -> Table:
    stored = table.__table__
    if not isinstance(stored, Table):
        message = f"{table.__name__} is no table"
        raise TypeError(message)
    return stored


def _tenant_columns(work: TenantWork, table: type[TenantTable]) -> dict[str, object]:
    own: dict[str, object] = {"tenant_id": work.tenant.id}
    if issubclass(table, OfficeTable):
        own |= {"street_id": work.tenant.street_id, "district_id": work.tenant.district_id}
    return own
