"""By what can dwellings and places be found?"""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import ARRAY, Text, exists, func

from schema.compiler.declare import Order, Row, where
from schema.people.sources import is_reached_by
from schema.places.types import Tenure
from schema.searches import searched
from services.places.rules import address_key


def contains_address(row: Row, value: Any) -> Any:
    """Ask that the address holds the text, numbers whole."""
    return func.strpos(row.c.sort_key, value.mapped(lambda text, _: address_key(searched(text)), Text())) > 0


def has_every_word(row: Row, value: Any) -> Any:
    """Ask that the address or name holds every word of the text."""
    keys = value.mapped(lambda text, _: [address_key(word) for word in searched(text).split()], ARRAY(Text))
    words = value.mapped(lambda text, _: [_name_part(word) for word in searched(text).lower().split()], ARRAY(Text))
    asked = func.unnest(keys, words).table_valued("key", "word", name="asked").render_derived()
    # A site's name is not part of its address.
    is_missing = (func.strpos(row.c.sort_key, asked.c.key) == 0) & (
        func.strpos(func.lower(row.c.name), asked.c.word) == 0
    )
    return ~exists().where(is_missing).correlate_except(asked)


def _name_part(word: str) -> str:
    # Numbers match whole, which a part of a name cannot promise; a line break is in no name.
    return "\n" if any(letter.isdigit() for letter in word) else word


def _in(column: str, prefix: str) -> Any:
    return lambda row, value: (row.c.tenant_id == value.id_tenant(prefix)) & (row.c[column] == value.row_id(prefix))


@strawberry.input(name="DwellingFilter", description="Every condition given must hold.")
class DwellingFilter:
    """Which dwellings."""

    grid_id: strawberry.ID | None = where(_in("grid_id", "grd"))
    estate_id: strawberry.ID | None = where(_in("estate_id", "est"))
    building_id: strawberry.ID | None = where(_in("building_id", "bld"))
    unit_id: strawberry.ID | None = where(_in("unit_id", "unt"))
    address_contains: str | None = where(contains_address, "Numbers match whole: 3号楼 does not find 13号楼.")
    tenure: Tenure | None = where(
        lambda row, value: row.c.tenure == value.mapped(lambda choice, _: choice.name, Text())
    )
    phone: str | None = where(
        is_reached_by("phone"),
        "A whole phone number of an owner, renter or household head; each search is in the audit log.",
        permission="resident:read",
        audited=True,
    )
    name: str | None = where(
        is_reached_by("name"),
        "A whole name of an owner, renter or household head; each search is in the audit log.",
        permission="resident:read",
        audited=True,
    )


@strawberry.enum(name="DwellingOrder")
class DwellingOrder(Enum):
    """How dwellings are ordered."""

    ADDRESS_ASC = strawberry.enum_value("ADDRESS_ASC", description="按地址: by address, 2号楼 before 10号楼.")
    ADDRESS_DESC = strawberry.enum_value("ADDRESS_DESC", description="按地址倒序: by address, last first.")


DWELLING_ORDERS = {
    "ADDRESS_ASC": Order(lambda row: row.c.sort_key),
    "ADDRESS_DESC": Order(lambda row: row.c.sort_key, descending=True),
}
