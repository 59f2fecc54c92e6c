"""How does an account say that it has read what it was told?"""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.compiler.values import decode_id
from schema.context import GatewayInfo
from schema.mutation import UserErrorType, run_each_time, user_error
from services.notifications.commands import mark_read
from tenants.errors import Refused


@strawberry.type(name="MarkNotificationsReadPayload")
class MarkNotificationsReadPayload:
    """How many were marked, or why none."""

    marked_count: int | None = strawberry.field(description="How many were unread until now; null when refused.")
    errors: list[UserErrorType]


@strawberry.type
class NotificationMutations:
    """Reading."""

    @strawberry.mutation(
        description="标为已读: notes that these notifications, or all up to an instant, were read, in whichever "
        "tenants; of ids that are not yours nothing happens."
    )
    async def mark_notifications_read(
        self,
        info: GatewayInfo,
        notification_ids: list[strawberry.ID] | None = None,
        until: datetime | None = None,
    ) -> MarkNotificationsReadPayload:
        """Mark as read."""
        named = [decode_id(each) for each in notification_ids or ()]
        ids = [(one.tenant_id, one.row_id) for one in named if one is not None and one.prefix == "ntf"]
        try:
            marked = await run_each_time(info.context, lambda work: mark_read(work, ids=ids, until=until))
        except Refused as refused:
            return MarkNotificationsReadPayload(marked_count=None, errors=[user_error(refused, info.context.language)])
        return MarkNotificationsReadPayload(marked_count=marked, errors=[])
