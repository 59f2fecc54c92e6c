"""What is asked of a tenant before a file of tickets is taken in?"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Select, and_, select, text

from services.cases.tables import Case, CaseDetails
from services.categories.tables import CaseCategory
from services.people.tables import Person
from services.places.tables import Place

# One after the other, in the order of the array; the names are those by which a single report takes its turn.
TAKE_TURNS = text(
    "select pg_advisory_xact_lock(hashtextextended(what, :tenant)) from unnest(cast(:whats as text[])) as what"
)


def leaves_of(tenant_id: int) -> Select[str, str]:
    """Select code and name of the categories that tickets can be filed under: leaves that nobody else is called for."""
    return select(CaseCategory.code, CaseCategory.name).where(
        CaseCategory.tenant_id == tenant_id, CaseCategory.is_leaf, CaseCategory.referral_phone.is_(None)
    )


def places_of(tenant_id: int) -> Select[uuid.UUID, str, str, str | None]:
    """Select the places that tickets name: from the grid to the unit."""
    return select(Place.id, Place.name, Place.address, Place.code).where(
        Place.tenant_id == tenant_id, Place.kind.in_(("grid", "estate", "site", "building", "unit"))
    )


def known_tickets(tenant_id: int, *, system: str, numbers: Collection[str]) -> Select[str | None, str]:
    """Select those tickets that came in before, each with the number of its case."""
    return (
        select(CaseDetails.external_number, Case.number)
        .join(Case, and_(Case.tenant_id == CaseDetails.tenant_id, Case.id == CaseDetails.id))
        .where(
            CaseDetails.tenant_id == tenant_id,
            CaseDetails.external_system == system,
            CaseDetails.external_number.in_(numbers),
        )
    )


def people_by_phone(tenant_id: int, *, phone_index: bytes) -> Select[uuid.UUID, bytes]:
    """Select those who have a phone number, and the indexes of their names."""
    return (
        select(Person.id, Person.name_index)
        .where(Person.tenant_id == tenant_id, Person.phone_index == phone_index)
        .order_by(Person.id)
        .limit(20)
    )
