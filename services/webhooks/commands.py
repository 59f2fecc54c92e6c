"""How does a tenant have what happens sent to another system, and no longer?"""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from services.webhooks.addresses import check_url
from services.webhooks.channels import SECRET_PREFIX
from services.webhooks.errors import TooManyWebhooks, WebhookKindsInvalid
from services.webhooks.tables import Webhook
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

PERMISSION = "settings:edit"
MOST_WEBHOOKS = 10
_SECRET_BYTES = 32


async def set_webhook(
    work: TenantWork, *, url: str, kinds: Sequence[str], sealer: TenantSealer, is_inside_allowed: bool
) -> tuple[uuid.UUID, str]:
    """Have the tenant's changes of some kinds sent to an address; tell the id, and the secret, which is told once.

    Raises Forbidden, WebhookUrlInvalid, WebhookKindsInvalid, TooManyWebhooks.
    """
    work.require(PERMISSION)
    check_url(url, is_inside_allowed=is_inside_allowed)
    if not kinds:
        raise WebhookKindsInvalid(field="input.kinds")
    await work.take_turn("webhooks")
    in_use = (Webhook.tenant_id == work.tenant.id, Webhook.removed_at.is_(None))
    if (await work.session.scalar(select(func.count()).select_from(Webhook).where(*in_use)) or 0) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(limit=MOST_WEBHOOKS)
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    webhook = Webhook(
        tenant_id=work.tenant.id,
        id=work.new_id(),
        url=url,
        kinds=",".join(sorted(set(kinds))),
        secret_sealed=sealer.seal(secret, purpose=Purpose.WEBHOOK_SECRET),
        made_at=work.now(),
    )
    work.session.add(webhook)
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "Webhook", webhook.id))
    return webhook.id, secret


async def remove_webhook(work: TenantWork, *, webhook_id: uuid.UUID) -> uuid.UUID:
    """Send nothing more to an address, not even what waits. Raises Forbidden, NotFound."""
    work.require(PERMISSION)
    # Not for its key: what is queued for it meanwhile does not wait.
    webhook = await work.session.get(Webhook, (work.tenant.id, webhook_id), with_for_update={"key_share": True})
    if webhook is None or webhook.removed_at is not None:
        raise NotFound(field="webhookId")
    webhook.removed_at = work.now()
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "Webhook", webhook.id))
    return webhook.id
