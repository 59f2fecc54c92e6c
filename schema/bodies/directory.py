"""By what are organisations listed?"""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Text

from schema.compiler.declare import Row


@strawberry.enum(name="BodyKind")
class BodyKind(Enum):
    """Kinds of organisation."""

    PARTY_ORGANIZATION = strawberry.enum_value("PARTY_ORGANIZATION", description="党组织: of any level.")
    RESIDENTS_COMMITTEE = strawberry.enum_value("RESIDENTS_COMMITTEE", description="居委会: a residents' committee.")
    PROPERTY_COMPANY = strawberry.enum_value("PROPERTY_COMPANY", description="物业公司: a property company.")
    OWNERS_COMMITTEE = strawberry.enum_value("OWNERS_COMMITTEE", description="业委会: an owners' committee.")
    DEPARTMENT = strawberry.enum_value("DEPARTMENT", description="职能部门: a department, utility or station.")
    PARTNER = strawberry.enum_value("PARTNER", description="共建单位: a partner.")
    VOLUNTEER_TEAM = strawberry.enum_value("VOLUNTEER_TEAM", description="志愿服务队: a team of volunteers.")
    OFFICE = strawberry.enum_value("OFFICE", description="办公室: a street or district office; made with its tenant.")


def is_of_kind(row: Row, value: Any) -> Any:
    """Ask for bodies of the kind given."""
    return row.c.kind == value.mapped(lambda kind, _: kind.name.lower(), Text())
