"""How do clients set something for the whole tenant?"""

from __future__ import annotations

from datetime import date

import strawberry

from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, written
from schema.settings.types import TenantSettingName, TenantSettingType
from services.settings.commands import end_tenant_setting, set_tenant_setting
from services.settings.rules import Setting


@strawberry.input(name="TenantSettingInput", description="单位设置.")
class TenantSettingInput:
    """A setting."""

    name: TenantSettingName
    value: int = strawberry.field(description="Of what is on or off, 1 is on.")
    basis: str = strawberry.field(description="The rule that allows it.")
    purpose: str
    until: date = strawberry.field(description="Its last day, within two years.")

    def setting(self) -> Setting:
        """Say it in the command's words."""
        return Setting(self.name.name, self.value, self.basis, self.purpose, self.until)


@strawberry.type(name="TenantSettingPayload")
class TenantSettingPayload(WrittenPayload):
    """The setting as it is now, or why not."""

    setting: TenantSettingType | None = written("TenantSetting")


@strawberry.type
class TenantSettingMutations:
    """Setting."""

    @strawberry.mutation(description="单位设置: lets a setting hold from the next request.")
    async def set_tenant_setting(self, info: GatewayInfo, input: TenantSettingInput) -> TenantSettingPayload:
        """Set."""
        return await perform(info, TenantSettingPayload, lambda work: set_tenant_setting(work, setting=input.setting()))

    @strawberry.mutation(description="取消设置: lets what is off without a setting be off again.")
    async def end_tenant_setting(self, info: GatewayInfo, name: TenantSettingName) -> TenantSettingPayload:
        """End."""
        return await perform(info, TenantSettingPayload, lambda work: end_tenant_setting(work, name=name.name))
