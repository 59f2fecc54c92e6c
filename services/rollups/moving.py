"""What becomes of the counts of a tenant that moves? What happened before stays where it was counted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.rollups.adding_up import SUMS_OF, add_to_sums, add_up
from services.rollups.checking import hold_folding
from services.rollups.declaring import Rollup

# What falls due after the move, say, is the new office's.
_MOVED = """
    update {name}_counts c set {changes} from tenants t
    where t.id = any(:tenants) and c.tenant_id = t.id
        and c.happened_on {when} (select max(m.moved_on) from tenant_moves m where m.tenant_id = t.id)
"""
_CHANGES = {
    "<": "is_moved = true, now_street_id = t.street_id, now_district_id = t.district_id",
    ">=": "street_id = t.street_id, district_id = t.district_id",
}


async def move_counts(connection: AsyncConnection, rollup: Rollup, *, tenant_ids: Sequence[int]) -> None:
    """Let the counts of tenants follow them, once they are moved, and the sums of the offices that it concerns.

    Within the open transaction. Nothing is folded as long as it lasts.
    """
    await hold_folding(connection, rollup)
    name, numbers = rollup.name, ", ".join(rollup.counters)
    taken = ", ".join(f"-{one} as {one}" for one in rollup.counters)
    await connection.execute(text(f"drop table if exists moved_{name}_sums"))
    before = await add_up(connection, rollup, tenant_ids=tenant_ids)
    kept = f"create temp table moved_{name}_sums on commit drop as select {SUMS_OF}, {taken} from ({before}) before"
    await connection.execute(text(kept))
    for when, changes in _CHANGES.items():
        await connection.execute(
            text(_MOVED.format(name=name, when=when, changes=changes)), {"tenants": list(tenant_ids)}
        )
    after = await add_up(connection, rollup, tenant_ids=tenant_ids)
    moved = f"select * from moved_{name}_sums union all select {SUMS_OF}, {numbers} from ({after}) afterwards"
    await add_to_sums(connection, rollup, moved)
