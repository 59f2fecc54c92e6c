"""What do administrators see and change of whom their community lets in?"""

from __future__ import annotations

import strawberry

from schema.compiler.declare import column, reads
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, written
from schema.node import NodeInterface
from schema.residents.sources import RESIDENCY_SETTINGS
from services.residents.settings import SettingsChange, change_residency_settings


@reads(RESIDENCY_SETTINGS)
@strawberry.type(
    name="ResidencySettings", description="居民加入设置: whom a community lets in, and how often one asks."
)
class ResidencySettingsType(NodeInterface):
    """Whom a community lets in."""

    takes_visitors: bool = column(
        lambda settings: settings.c.takes_visitors, "Accounts come in by `joinCommunity`, without being appointed."
    )
    open_request_limit: int = column(
        lambda settings: settings.c.open_request_limit, "How many requests of one account may wait for a decision."
    )
    daily_request_limit: int = column(
        lambda settings: settings.c.daily_request_limit,
        "How many requests of one account are taken within 24 hours, and how often it comes in on one day.",
    )
    tenant_limit: int = column(
        lambda settings: settings.c.tenant_limit, "Who has posts in so many other tenants is not let in."
    )


@strawberry.input(name="ChangeResidencySettingsInput", description="What is left out stays as it is.")
class ChangeResidencySettingsInput:
    """A change."""

    takes_visitors: bool | None = None
    open_request_limit: int | None = None
    daily_request_limit: int | None = None
    tenant_limit: int | None = None

    def change(self) -> SettingsChange:
        """Say it in the command's words."""
        return SettingsChange(self.takes_visitors, self.open_request_limit, self.daily_request_limit, self.tenant_limit)


@strawberry.type(name="ChangeResidencySettingsPayload")
class ChangeResidencySettingsPayload(WrittenPayload):
    """The settings as they are now, or why not."""

    settings: ResidencySettingsType | None = written("ResidencySettings")


@strawberry.type
class ResidencySettingsMutations:
    """Whom a community lets in."""

    @strawberry.mutation(description="修改居民加入设置: opens a community to visitors or closes it, and sets limits.")
    async def change_residency_settings(
        self, info: GatewayInfo, input: ChangeResidencySettingsInput
    ) -> ChangeResidencySettingsPayload:
        """Change the settings."""
        return await perform(
            info,
            ChangeResidencySettingsPayload,
            lambda work: change_residency_settings(work, change=input.change()),
        )
