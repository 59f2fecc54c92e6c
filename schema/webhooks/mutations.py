"""How do administrators have changes sent to another system?"""

from __future__ import annotations

import strawberry

from schema.cases.enums import CaseStepKind
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, answer_once, perform, row_id, sealer_for, user_error, written
from schema.webhooks.types import WebhookType
from services.webhooks.commands import remove_webhook, set_webhook
from tenants.errors import Refused
from tenants.idempotency.keys import Answer
from tenants.work import TenantWork


@strawberry.input(name="SetWebhookInput", description="推送地址.")
class SetWebhookInput:
    """An endpoint."""

    url: str = strawberry.field(description="https, to the public internet.")
    kinds: list[CaseStepKind] = strawberry.field(description="What is sent; at least one.")


@strawberry.type(name="SetWebhookPayload")
class SetWebhookPayload(WrittenPayload):
    """The endpoint with its secret, or why not."""

    webhook: WebhookType | None = written("Webhook")
    secret: str | None = strawberry.field(
        default=None,
        description="What messages are signed with, as Standard Webhooks has it. Shown this once: a repeated call has "
        "none.",
    )


@strawberry.type(name="RemoveWebhookPayload")
class RemoveWebhookPayload(WrittenPayload):
    """Whether nothing more is sent, or why it still is."""

    @strawberry.field(description="Nothing more is sent.")
    def is_removed(self) -> bool:
        """Tell whether it was removed."""
        return self.row is not None


@strawberry.type
class WebhookMutations:
    """Endpoints."""

    @strawberry.mutation(
        description="设置推送: has changes of the tenant's cases sent to an address, signed, each at least once. A "
        "message tells ids, number and kind of change, and nothing of what was said."
    )
    async def set_webhook(self, info: GatewayInfo, input: SetWebhookInput) -> SetWebhookPayload:
        """Set up."""
        context, told = info.context, list[str]()
        try:
            sealer = await sealer_for(context)
        except Refused as refused:
            return SetWebhookPayload(errors=[user_error(refused, context.language)])

        async def write(work: TenantWork) -> Answer:
            webhook_id, secret = await set_webhook(
                work,
                url=input.url,
                kinds=[kind.name for kind in input.kinds],
                sealer=sealer,
                is_inside_allowed=context.gateway.may_call_inside,
            )
            told[:] = [secret]
            return Answer(webhook_id, row_tenant_id=work.tenant.id)

        answer = await answer_once(context, lambda attempt: attempt.run(write))
        payload = SetWebhookPayload.of(answer, context.language)
        payload.secret = told[0] if told and answer.refusal is None else None
        return payload

    @strawberry.mutation(description="取消推送: sends nothing more to an address, not even what waits.")
    async def remove_webhook(self, info: GatewayInfo, webhook_id: strawberry.ID) -> RemoveWebhookPayload:
        """Remove."""
        return await perform(
            info, RemoveWebhookPayload, lambda work: remove_webhook(work, webhook_id=row_id(webhook_id, "whk", work))
        )
