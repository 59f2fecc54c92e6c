"""How does a tenant set something, and take it back?"""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import select

from services.settings.rules import Setting, check_setting
from services.settings.tables import TenantSetting
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.permissions import bump_grants_version
from tenants.work import TenantWork

PERMISSION = "settings:edit"


async def set_tenant_setting(work: TenantWork, *, setting: Setting) -> uuid.UUID:
    """Let a setting hold from the next request until its last day.

    Raises Forbidden, SettingInvalid.
    """
    work.require(PERMISSION)
    check_setting(setting, today=work.today())
    await work.take_turn(f"setting {setting.name}")
    row = await _find(work, setting.name)
    if row is None:
        row = TenantSetting(tenant_id=work.tenant.id, id=work.new_id(), name=setting.name)
        work.session.add(row)
    row.value, row.until = setting.value, setting.until
    row.basis, row.purpose = setting.basis.strip(), setting.purpose.strip()
    return await _written(work, row)


async def end_tenant_setting(work: TenantWork, *, name: str) -> uuid.UUID:
    """Let a setting hold no longer.

    Raises Forbidden, NotFound for what is not set.
    """
    work.require(PERMISSION)
    row = await _find(work, name)
    if row is None:
        raise NotFound(field="name")
    row.until = min(row.until, work.today() - timedelta(days=1))
    return await _written(work, row)


async def _find(work: TenantWork, name: str) -> TenantSetting | None:
    asked = select(TenantSetting).where(TenantSetting.tenant_id == work.tenant.id, TenantSetting.name == name)
    found: TenantSetting | None = await work.session.scalar(asked)
    return found


async def _written(work: TenantWork, row: TenantSetting) -> uuid.UUID:
    await work.session.flush()
    # What is remembered by the version of the grants is reckoned anew.
    await bump_grants_version(work)
    await work.record(AuditEntry(PERMISSION, "TenantSetting", row.id, purpose=row.name))
    return row.id
