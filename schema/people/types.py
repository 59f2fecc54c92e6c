"""What do clients see of owners, renters and households? Masked forms only."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry

from schema.compiler.declare import FieldClass, One, column, read, reads
from schema.node import NodeInterface
from schema.people.sources import HOUSEHOLD, OWNER, PERSON, RENTER, person_id


@strawberry.enum(name="Residence")
class Residence(Enum):
    """How a household lives in its dwelling."""

    OWNER_OCCUPIED = strawberry.enum_value("OWNER_OCCUPIED", description="自住: the owners live there.")
    RENTED = strawberry.enum_value("RENTED", description="出租: rented out.")
    VACANT = strawberry.enum_value("VACANT", description="空置: nobody lives there.")
    OTHER = strawberry.enum_value("OTHER", description="其他: another way.")


@reads(PERSON)
@strawberry.type(name="Person", description="人员: a resident, masked. Plain text comes from `revealContact` alone.")
class PersonType(NodeInterface):
    """A person, masked."""

    display_name: str | None = column(
        lambda person: person.c.name_masked, "For example 张*.", field_class=FieldClass.PERSONAL
    )
    masked_phone: str | None = column(
        lambda person: person.c.phone_masked, "For example 138****0000.", field_class=FieldClass.PERSONAL
    )


@reads(OWNER)
@strawberry.type(name="DwellingOwner", description="业主/产权人: an owner of a dwelling, masked.")
class DwellingOwnerType:
    """An owner."""

    id: strawberry.ID | None = column(person_id, "The person's id, as `revealContact` takes it.")
    display_name: str | None = column(lambda holder: holder.c.name_masked, field_class=FieldClass.PERSONAL)
    masked_phone: str | None = column(lambda holder: holder.c.phone_masked, field_class=FieldClass.PERSONAL)
    share: str | None = column(
        lambda holder: holder.c.share, "产权份额 as registered; null when the register does not say."
    )


@reads(RENTER)
@strawberry.type(name="DwellingRenter", description="承租人: who rents a dwelling of public housing, masked.")
class DwellingRenterType:
    """A renter of public housing."""

    id: strawberry.ID | None = column(person_id)
    display_name: str | None = column(lambda holder: holder.c.name_masked, field_class=FieldClass.PERSONAL)
    masked_phone: str | None = column(lambda holder: holder.c.phone_masked, field_class=FieldClass.PERSONAL)


@reads(HOUSEHOLD)
@strawberry.type(name="Household", description="住户: those who live in a dwelling, under their head.")
class HouseholdType(NodeInterface):
    """A household."""

    head_count: int | None = column(lambda household: household.c.head_count, "人数")
    residence: Residence | None = column(lambda household: household.c.residence, "居住情况")
    since: date | None = column(lambda household: household.c.since, "First day; null when not known.")
    until: date | None = column(lambda household: household.c.until, "Last day; null while they live there.")
    head: PersonType | None = read(
        One(
            on=lambda household, person: (
                (person.c.tenant_id == household.c.tenant_id) & (person.c.id == household.c.head_id)
            ),
            covered=True,
        ),
        "户主",
    )
