"""What is the least that a report can cost? The same rows by hand: one transaction, all else known beforehand.

No permission is checked, no place, category or post looked up, and nobody's turn reckoned: for whom the case waits
was seen at one made by the command.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg

from tenants.database import new_id
from tenants.grants import Grants

_NUMBER = """
    insert into case_days as d (tenant_id, id, day, last_number) values ($1, $2, $3, 1)
    on conflict (tenant_id, day) do update set last_number = d.last_number + 1 returning last_number
"""
_CASE = """
    insert into cases (tenant_id, id, street_id, district_id, number, kind, source, category_id, status, grid_id,
        coordinator_body_id, accountable_body_id, reported_at, due_at, rework_count, needs_call_back)
    values ($1, $2, $3, $4, $5, 'HELP', 'PATROL', $6, 'REPORTED', $7, $8, $8, $9, $10, 0, false)
"""
_DETAILS = """
    insert into case_details (tenant_id, id, title, description, reported_at, place_id, building_id, estate_id,
        place_text, reporter_id, reporter_account_id, is_confidential)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, false)
"""
_STEP = """
    insert into case_steps (tenant_id, id, street_id, district_id, case_id, ordinal, at, action, to_status,
        actor_body_id, coordinator_body_id, accountable_body_id, due_at, rework_count)
    values ($1, $2, $3, $4, $5, 1, $6, 'REPORT', 'REPORTED', $7, $7, $7, $8, 0)
"""
_TEXT = """
    insert into case_step_texts (tenant_id, id, case_id, author_tenant_id, account_id, position_id, public_name,
        is_handling)
    values ($1, $2, $3, $1, $4, $5, $6, false)
"""
_EVENT = """
    insert into events (tenant_id, id, street_id, district_id, at, action, case_id, ordinal, after)
    select $1, $2, $3, $4, $5, 'REPORT', $6, 1, row_to_json(cases) from cases where tenant_id = $1 and id = $6
"""
_WORK = """
    insert into work_items (tenant_id, id, account_id, post_tenant_id, position_id, case_id, reason, number, title,
        status, due_at, due_order, made_at)
    values ($1, $2, $3, $1, $4, $5, 'TO_ACCEPT', $6, $7, 'REPORTED', $8, $8, $9)
"""
_AUDIT = """
    with queued as (insert into audit_queue (tenant_id, id) values ($1, $2))
    insert into audit_entries (tenant_id, id, at, account_id, account_name, position_id, position_name, action,
        subject_type, subject_id, purpose, outcome)
    values ($1, $2, $3, $4, $5, $6, $7, 'case:report', 'Case', $8, 'REPORT', 'DONE')
"""
_OF_PLACE = """
    select p.grid_id, p.building_id, p.estate_id, p.address, c.id as category_id, c.limit_amount
    from places p join case_categories c on c.tenant_id = p.tenant_id and c.code = $3 and c.limit_unit = 'DAY'
    where p.tenant_id = $1 and p.id = $2
"""


@dataclass(frozen=True, slots=True)
class HandWritten:
    """All that a report by hand is told."""

    connection: asyncpg.Connection[asyncpg.Record]
    grants: Grants
    place_id: uuid.UUID
    title: str
    description: str
    place: asyncpg.Record
    # Accounts and their posts.
    waiting: Sequence[tuple[uuid.UUID, uuid.UUID]]
    account_name: str
    post_name: str

    async def report(self) -> uuid.UUID:
        """Report a case."""
        tenant = self.grants.tenant
        if tenant is None:
            raise LookupError
        run, office = self.connection.execute, (tenant.street_id, tenant.district_id)
        account_id, post = self.grants.account_id, self.grants.positions[0]
        now = datetime.now(UTC)
        due_at = now + timedelta(days=self.place["limit_amount"])
        case_id, step_id = new_id(), new_id()
        async with self.connection.transaction():
            await run("select app.enter($1, $2, $3)", tenant.id, account_id, tenant.grants_version)
            number = await self._number(tenant.id, (now + timedelta(hours=8)).date())
            filed = (self.place["category_id"], self.place["grid_id"], tenant.body_id, now, due_at)
            await run(_CASE, tenant.id, case_id, *office, number, *filed)
            told = (self.title, self.description, now, self.place_id)
            lies = (self.place["building_id"], self.place["estate_id"], self.place["address"])
            await run(_DETAILS, tenant.id, case_id, *told, *lies, post.person_id, account_id)
            await run(_STEP, tenant.id, step_id, *office, case_id, now, tenant.body_id, due_at)
            await run(_TEXT, tenant.id, step_id, case_id, account_id, post.id, self.post_name)
            await run(_EVENT, tenant.id, new_id(), *office, now, case_id)
            shown = (case_id, number, self.title, due_at, now)
            await self.connection.executemany(_WORK, [(tenant.id, new_id(), *one, *shown) for one in self.waiting])
            names = (account_id, self.account_name, post.id, self.post_name)
            await run(_AUDIT, tenant.id, new_id(), now, *names, case_id)
        return case_id

    async def _number(self, tenant_id: int, day: date) -> str:
        ordinal = await self.connection.fetchval(_NUMBER, tenant_id, new_id(), day)
        return f"{day:%Y%m%d}-{ordinal:04}"


async def learn(
    connection: asyncpg.Connection[asyncpg.Record],
    owner: asyncpg.Connection[asyncpg.Record],
    grants: Grants,
    example_id: uuid.UUID,
) -> HandWritten:
    """Learn from a case that the command made what else there is to know."""
    tenant_id = grants.tenant.id if grants.tenant else 0
    details = await owner.fetchrow(
        """select d.title, d.description, d.place_id, k.code from case_details d join cases c using (tenant_id, id)
           join case_categories k on k.tenant_id = c.tenant_id and k.id = c.category_id
           where d.tenant_id = $1 and d.id = $2""",
        *(tenant_id, example_id),
    )
    text = await owner.fetchrow(
        """select t.public_name, a.display_name from case_step_texts t join accounts a on a.id = t.account_id
           where t.tenant_id = $1 and t.case_id = $2""",
        *(tenant_id, example_id),
    )
    place = await owner.fetchrow(_OF_PLACE, tenant_id, details and details["place_id"], details and details["code"])
    waiting = await owner.fetch(
        "select account_id, position_id from work_items where tenant_id = $1 and case_id = $2", tenant_id, example_id
    )
    if details is None or text is None or place is None:
        raise LookupError(example_id)
    posts = [(row["account_id"], row["position_id"]) for row in waiting]
    told = (details["place_id"], details["title"], details["description"], place, posts)
    return HandWritten(connection, grants, *told, text["display_name"], text["public_name"])
