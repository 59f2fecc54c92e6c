"""What do clients see of residencies, and of the dwellings that can be chosen?"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Text, case, null

from schema.compiler.declare import FieldClass, One, Row, column, read, reads, where
from schema.compiler.json_sql import global_id
from schema.node import NodeInterface
from schema.places.types import DwellingType
from schema.residents.sources import DWELLING_CHOICE, RESIDENCY, of_dwelling, of_person
from services.residents.rules import DECIDE


@strawberry.enum(name="ResidencyRelation")
class ResidencyRelation(Enum):
    """How somebody belongs to a dwelling."""

    OWNER = strawberry.enum_value("OWNER", description="业主: owns it, or a share of it.")
    FAMILY = strawberry.enum_value("FAMILY", description="家属: lives there with the family.")
    RENTER = strawberry.enum_value("RENTER", description="租户: rents it.")


@strawberry.enum(name="ResidencyStatus")
class ResidencyStatus(Enum):
    """How a residency stands."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="待审核: waits for a decision.")
    CONFIRMED = strawberry.enum_value("CONFIRMED", description="已绑定: the account is bound to the dwelling.")
    REFUSED = strawberry.enum_value("REFUSED", description="未通过: was refused.")
    ENDED = strawberry.enum_value("ENDED", description="已结束: was withdrawn, or has ended.")


@strawberry.enum(name="ResidencyMatch")
class ResidencyMatch(Enum):
    """By what the register seems to know the applicant in the dwelling."""

    PHONE = strawberry.enum_value("PHONE", description="手机号一致: the verified phone is the register's.")
    NAME = strawberry.enum_value("NAME", description="姓名一致: the account goes by the name; anybody could.")


def _same_dwelling(residency: Row, dwelling: Row) -> Any:
    return (dwelling.c.tenant_id == residency.c.tenant_id) & (dwelling.c.id == residency.c.dwelling_id)


def _personal(expression: Any, description: str) -> Any:
    return column(expression, description, field_class=FieldClass.PERSONAL, permission=DECIDE)


def _matched_id(residency: Row) -> Any:
    found = global_id("per", residency.c.tenant_id, residency.c.matched_person_id)
    return case((residency.c.matched_person_id.is_not(None), found), else_=null())


@reads(RESIDENCY)
@strawberry.type(
    name="Residency",
    description="住户绑定: an account that says it belongs to a dwelling. Seen by itself and by those who decide.",
)
class ResidencyType(NodeInterface):
    """A residency."""

    status: ResidencyStatus = column(lambda residency: residency.c.status)
    relation: ResidencyRelation = column(lambda residency: residency.c.relation)
    address: str | None = column(of_dwelling("address"), "Of the dwelling, within the community.")
    dwelling: DwellingType | None = read(One(on=_same_dwelling))
    requested_at: datetime = column(lambda residency: residency.c.requested_at)
    decided_at: datetime | None = column(lambda residency: residency.c.decided_at)
    reason: str | None = column(lambda residency: residency.c.reason, "What was said with the decision.")
    ended_at: datetime | None = column(lambda residency: residency.c.ended_at)
    applicant_name: str | None = _personal(
        lambda residency: residency.c.account_name, "What the sign-on service called the account."
    )
    applicant_masked_phone: str | None = _personal(
        of_person("applicant_id", "phone_masked"), "Null where no issuer vouches for one."
    )
    matched_by: ResidencyMatch | None = _personal(
        lambda residency: residency.c.matched_by, "Null while nobody of the register seems to be it."
    )
    matched_person_id: strawberry.ID | None = _personal(_matched_id, "As `revealContact` takes it.")
    matched_name: str | None = _personal(
        of_person("matched_person_id", "name_masked"), "Of whom the register knows in the dwelling, masked."
    )
    matched_masked_phone: str | None = _personal(
        of_person("matched_person_id", "phone_masked"), "Of whom the register knows in the dwelling, masked."
    )


@strawberry.input(name="ResidencyFilter", description="Every condition given must hold.")
class ResidencyFilter:
    """Which residencies."""

    status: ResidencyStatus | None = where(
        lambda row, value: row.c.status == value.mapped(lambda choice, _: choice.name, Text())
    )


@reads(DWELLING_CHOICE)
@strawberry.type(name="DwellingChoice", description="可选房屋: a dwelling by its address, and nothing else of it.")
class DwellingChoiceType:
    """A dwelling to choose."""

    id: strawberry.ID = column(
        lambda dwelling: global_id("dwl", dwelling.c.tenant_id, dwelling.c.id), "As `requestResidency` takes it."
    )
    address: str = column(lambda dwelling: dwelling.c.address)
    room_number: str | None = column(lambda dwelling: dwelling.c.room_number)


def is_in_building(dwelling: Row, value: Any) -> Any:
    """Ask that a dwelling lies in the building that an id names."""
    return (dwelling.c.tenant_id == value.id_tenant("bld")) & (dwelling.c.building_id == value.row_id("bld"))
