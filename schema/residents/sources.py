"""Where are residencies read from, and who sees which?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, literal_column, select

from schema.compiler.context import ACCOUNT, ACTING_TENANT, ScopeBinds
from schema.compiler.declare import Reserved, Row, Source, plain_table, table_of
from schema.places.sources import of_kind
from services.people.tables import Person
from services.places.tables import Place
from services.residents.rules import DECIDE, REQUEST
from services.residents.settings import PERMISSION as SETTINGS_EDIT
from services.residents.tables import Residency, ResidencySettings

_EVERY: Any = literal_column("true")


def _within(row: Row, scope: ScopeBinds) -> Any:
    """See the residencies of dwellings in my grids, buildings and estates, and of my own."""
    home = plain_table(Place).alias("home")
    mine = scope.holds_any(
        grid_ids=home.c.grid_id,
        building_ids=home.c.building_id,
        estate_ids=home.c.estate_id,
        dwelling_ids=home.c.id,
    )
    found = exists().where(home.c.tenant_id == row.c.tenant_id, home.c.id == row.c.dwelling_id, mine)
    return found.correlate_except(home)


def _is_own(row: Row) -> Any:
    return row.c.account_id == ACCOUNT


def is_of_account(_: object, row: Row) -> Any:
    """Link the caller with what he asked for in the tenant acted in."""
    return (row.c.tenant_id == ACTING_TENANT) & _is_own(row)


TO_DECIDE = Source(table=table_of(Residency), name="residencies_to_decide", permission=DECIDE, within=_within)
# Whoever has a post sees his own, as an applicant may; others' are seen by those who decide there.
RESIDENCY = Source(
    table=table_of(Residency),
    name="residencies",
    prefix="rsd",
    permission="place:read",
    within=_within,
    reserved=Reserved(which=lambda _: _EVERY, own=_is_own, shown_by=(TO_DECIDE,)),
)
RESIDENCY_SETTINGS = Source(
    table=table_of(ResidencySettings), name="residency_settings", prefix="rss", permission=SETTINGS_EDIT
)
DWELLING_CHOICE = Source(table=table_of(Place), name="dwelling_choices", only=of_kind("dwelling"), permission=REQUEST)


def of_dwelling(column: str) -> Any:
    """Read something of the dwelling that everybody in the community may know: where it is."""

    def read(residency: Row) -> Any:
        home = plain_table(Place).alias("asked_for")
        found = select(home.c[column]).where(
            home.c.tenant_id == residency.c.tenant_id, home.c.id == residency.c.dwelling_id
        )
        return found.correlate_except(home).scalar_subquery()

    return read


def of_person(link: str, column: str) -> Any:
    """Read something masked of a person whom the residency names."""

    def read(residency: Row) -> Any:
        person = plain_table(Person).alias("named")
        found = select(person.c[column]).where(
            person.c.tenant_id == residency.c.tenant_id, person.c.id == residency.c[link]
        )
        return found.correlate_except(person).scalar_subquery()

    return read
