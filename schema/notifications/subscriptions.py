"""What is an account told, as it happens?"""

from __future__ import annotations

import strawberry

from schema.compiler.feeds import Letters, feed
from schema.notifications.types import NotificationType


@strawberry.type
class NotificationSubscriptions:
    """What is told to the account."""

    notified: NotificationType | None = feed(
        Letters(type_name="Notification"),
        "通知: what the account is told, in all tenants together, in order and each at least once; with `after`, the "
        "id of a notification, what came after it comes first.",
        arguments={},
    )
