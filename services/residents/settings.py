"""How does a community change whom it lets in?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.residents.queries import settings_of
from services.residents.rules import check_limit
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.work import TenantWork

PERMISSION = "settings:edit"


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What is to be different; None leaves as it is."""

    takes_visitors: bool | None = None
    open_request_limit: int | None = None
    daily_request_limit: int | None = None
    tenant_limit: int | None = None


async def change_residency_settings(work: TenantWork, *, change: SettingsChange) -> uuid.UUID:
    """Change whom a community lets in, and how often somebody may ask.

    Raises Forbidden, NotFound for an office, ResidencyLimitInvalid.
    """
    work.require(PERMISSION)
    settings = await work.session.scalar(settings_of(work.tenant.id).with_for_update())
    if settings is None:
        raise NotFound
    if change.takes_visitors is not None:
        settings.takes_visitors = change.takes_visitors
    for name, field in (
        ("open_request_limit", "openRequestLimit"),
        ("daily_request_limit", "dailyRequestLimit"),
        ("tenant_limit", "tenantLimit"),
    ):
        limit: int | None = getattr(change, name)
        if limit is not None:
            check_limit(limit, field=field)
            setattr(settings, name, limit)
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "ResidencySettings", settings.id))
    return settings.id
