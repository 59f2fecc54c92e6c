"""What is set in a tenant today?"""

from __future__ import annotations

from sqlalchemy import select

from services.settings.rules import KINDS
from services.settings.tables import TenantSetting
from tenants.work import TenantWork


async def setting_of(work: TenantWork, name: str) -> int:
    """Tell what a setting is at today, or its default; looked up once for a version of the grants and a day."""
    held = await work.remember("settings", lambda: _held_today(work))
    return dict(held).get(name, KINDS[name].default)


async def _held_today(work: TenantWork) -> list[tuple[str, int]]:
    asked = select(TenantSetting.name, TenantSetting.value).where(
        TenantSetting.tenant_id == work.tenant.id, TenantSetting.until >= work.today()
    )
    return [(row.name, row.value) for row in (await work.session.execute(asked)).all()]
