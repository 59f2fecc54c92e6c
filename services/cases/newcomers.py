"""What waits for a post that has just been given an account? All open cases of which it may take the next step."""

from __future__ import annotations

import uuid
from collections import defaultdict

from services.cases.opening import OpenedCase
from services.cases.queries import handlers_in, open_cases, shares_open_in
from services.cases.tables import CaseShare
from services.cases.working import find_waiting, list_own_posts, work_case
from services.work_items.commands import add_work
from tenants.work import TenantWork


async def let_work_wait(work: TenantWork, *, position_id: uuid.UUID) -> None:
    """Let what is open in the tenant wait for a post, too."""
    posts = await list_own_posts(work)
    if not any(post.position_id == position_id for post in posts):
        return
    shares: dict[uuid.UUID, list[CaseShare]] = defaultdict(list)
    for share in await work.session.scalars(shares_open_in(work.tenant.id)):
        shares[share.case_id].append(share)
    handlers: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for case_id, account_id in (await work.session.execute(handlers_in(work.tenant.id))).all():
        handlers[case_id].add(account_id)
    added = []
    for case, details in (await work.session.execute(open_cases(work.tenant.id))).all():
        opened = OpenedCase(case, details, None, case.status, shares[case.id], handlers[case.id])
        waiting = await find_waiting(work, standing=opened.standing(), shares=[], posts=posts)
        shown = work_case(case, title=details.title)
        added += [(shown, one) for one in waiting if one.position_id == position_id]
    await add_work(work, added)
