"""What is open in a tenant, and for whom does it wait? Reckoned at once for all of it, by the rules of every step."""

from __future__ import annotations

import uuid
from collections import defaultdict

from services.cases.opening import OpenedCase
from services.cases.queries import handlers_in, open_cases, shares_open_in
from services.cases.tables import CaseShare
from services.cases.working import find_waiting, list_own_posts, work_case
from services.work_items.commands import add_work
from tenants.work import TenantWork


async def list_backlog(work: TenantWork) -> list[OpenedCase]:
    """List the tenant's open cases, with their shares in force and with who handled them."""
    shares: dict[uuid.UUID, list[CaseShare]] = defaultdict(list)
    for share in await work.session.scalars(shares_open_in(work.tenant.id)):
        shares[share.case_id].append(share)
    handlers: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for case_id, account_id in (await work.session.execute(handlers_in(work.tenant.id))).all():
        handlers[case_id].add(account_id)
    return [
        OpenedCase(case, details, None, case.status, shares[case.id], handlers[case.id])
        for case, details in (await work.session.execute(open_cases(work.tenant.id))).all()
    ]


async def let_backlog_wait(work: TenantWork) -> None:
    """Let all open cases wait that were brought in as they stand and wait for nobody yet."""
    posts = await list_own_posts(work)
    added = []
    for opened in await list_backlog(work):
        waiting = await find_waiting(work, standing=opened.standing(), shares=opened.shares, posts=posts)
        shown = work_case(opened.case, title=opened.details.title)
        added += [(shown, one) for one in waiting]
    await add_work(work, added)
