"""What waits for a post that has just been given an account? All open cases of which it may take the next step."""

from __future__ import annotations

import uuid

from services.cases.backlog import list_backlog
from services.cases.working import find_waiting, list_own_posts, work_case
from services.work_items.commands import add_work
from tenants.work import TenantWork


async def let_work_wait(work: TenantWork, *, position_id: uuid.UUID) -> None:
    """Let what is open in the tenant wait for a post, too."""
    posts = await list_own_posts(work)
    if not any(post.position_id == position_id for post in posts):
        return
    added = []
    for opened in await list_backlog(work):
        waiting = await find_waiting(work, standing=opened.standing(), shares=[], posts=posts)
        shown = work_case(opened.case, title=opened.details.title)
        added += [(shown, one) for one in waiting if one.position_id == position_id]
    await add_work(work, added)
