"""What do clients see of what a tenant has set?"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

import strawberry

from schema.compiler.context import ACTING_TENANT, TODAY
from schema.compiler.declare import Row, Source, column, reads, table_of
from schema.node import NodeInterface
from services.settings.tables import TenantSetting


@strawberry.enum(name="TenantSettingName")
class TenantSettingName(Enum):
    """What can be set. Of what is on or off, 1 is on."""

    SPOT_CHECK_PERCENT = strawberry.enum_value(
        "SPOT_CHECK_PERCENT",
        description="即报即结抽查比例: how many of a hundred cases fixed on the spot are verified; 10 unless set.",
    )
    SUPERVISION_CARDS = strawberry.enum_value("SUPERVISION_CARDS", description="黄牌红牌: cards are shown.")
    POINTS_YELLOW = strawberry.enum_value("POINTS_YELLOW", description="黄牌扣分: points taken for a yellow card.")
    POINTS_RED = strawberry.enum_value("POINTS_RED", description="红牌扣分: points taken for a red card.")
    RANKINGS = strawberry.enum_value("RANKINGS", description="排名: bodies are ranked.")
    ARRIVAL_POSITIONS = strawberry.enum_value(
        "ARRIVAL_POSITIONS", description="报到定位: where somebody stood on arrival is kept."
    )
    COMPULSORY_PHOTOS = strawberry.enum_value(
        "COMPULSORY_PHOTOS", description="必须拍照: categories may ask for a photo."
    )


def _here(row: Row) -> Any:
    return row.c.tenant_id == ACTING_TENANT


# Whoever is asked for more than the work itself may read by which rule, and until when.
SETTING = Source(table=table_of(TenantSetting), name="tenant_settings", prefix="set", only=_here)


@reads(SETTING)
@strawberry.type(
    name="TenantSetting", description="单位设置: something that is set, by which rule, what for and until when."
)
class TenantSettingType(NodeInterface):
    """A setting."""

    name: TenantSettingName = column(lambda setting: setting.c.name)
    value: int = column(lambda setting: setting.c.value)
    basis: str = column(lambda setting: setting.c.basis, "The rule that allows it.")
    purpose: str = column(lambda setting: setting.c.purpose)
    until: date = column(lambda setting: setting.c.until, "Its last day.")
    is_in_force: bool = column(lambda setting: setting.c.until >= TODAY, "It has not ended.")
