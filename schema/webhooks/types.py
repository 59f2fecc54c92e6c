"""What do administrators see of the endpoints to which changes are sent, and of what became of it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import func

from schema.cases.enums import CaseStepKind
from schema.compiler.context import ACTING_TENANT
from schema.compiler.declare import Many, Row, Source, column, read, reads, table_of
from schema.compiler.json_sql import global_id, quoted
from schema.node import NodeInterface
from services.webhooks.commands import PERMISSION
from services.webhooks.tables import Webhook, WebhookDelivery

WEBHOOK = Source(
    table=table_of(Webhook),
    name="webhooks",
    prefix="whk",
    permission=PERMISSION,
    only=lambda webhook: webhook.c.removed_at.is_(None),
)
_DELIVERY = Source(table=table_of(WebhookDelivery), name="webhook_deliveries")
_SHOWN = 50


def is_of_tenant(_: Any, webhook: Row) -> Any:
    """Ask that an endpoint is the acting tenant's."""
    return webhook.c.tenant_id == ACTING_TENANT


@reads(_DELIVERY)
@strawberry.type(name="WebhookDelivery", description="推送记录: a message to an endpoint.")
class WebhookDeliveryType:
    """A message."""

    message_id: str = column(
        lambda sent: func.concat(sent.c.id, quoted("")), "What the header webhook-id says, the same at every attempt."
    )
    kind: CaseStepKind = column(lambda sent: sent.c.kind)
    case_id: strawberry.ID = column(lambda sent: global_id("cas", sent.c.tenant_id, sent.c.case_id))
    at: datetime = column(lambda sent: sent.c.at, "When it happened.")
    attempts: int = column(lambda sent: sent.c.attempts)
    delivered_at: datetime | None = column(lambda sent: sent.c.delivered_at)
    given_up_at: datetime | None = column(lambda sent: sent.c.given_up_at, "After ten attempts, in about a day.")
    fault: str | None = column(lambda sent: sent.c.fault, "Why the last attempt came to nothing.")


def _to(webhook: Row, sent: Row) -> Any:
    return (sent.c.tenant_id == webhook.c.tenant_id) & (sent.c.webhook_id == webhook.c.id)


@reads(WEBHOOK)
@strawberry.type(name="Webhook", description="推送地址: where changes of cases are sent.")
class WebhookType(NodeInterface):
    """An endpoint."""

    url: str = column(lambda webhook: webhook.c.url)
    kinds: list[CaseStepKind] = column(lambda webhook: func.string_to_array(webhook.c.kinds, quoted(",")))
    made_at: datetime = column(lambda webhook: webhook.c.made_at)
    deliveries: list[WebhookDeliveryType] | None = read(
        Many(
            on=_to,
            order=lambda sent: (sent.c.at.desc(), sent.c.id.desc()),
            covered=True,
            expected=_SHOWN,
            limit=_SHOWN,
        ),
        "The newest first, for a month.",
    )
