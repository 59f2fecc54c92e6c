"""How is what the register says of a household corrected?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from services.people.rules import check_household, check_name, check_phone, household_key
from services.people.tables import Household, Person
from services.places.commands import recount_buildings
from services.places.tables import Place
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

PERMISSION = "register:edit"


@dataclass(frozen=True, slots=True)
class HouseholdCorrection:
    """What is to be different; None leaves as it is."""

    head_count: int | None = None
    residence: str | None = None
    since: date | None = None
    until: date | None = None
    head_name: str | None = None
    head_phone: str | None = None


async def correct_household(
    work: TenantWork, *, household_id: uuid.UUID, correction: HouseholdCorrection, sealer: TenantSealer
) -> uuid.UUID:
    """Correct a household and its head's name or phone; with a last day, it has moved out.

    Raises Forbidden, NotFound, HeadCountInvalid, HouseholdDatesInvalid, NameInvalid, PhoneInvalid.
    """
    work.require(PERMISSION)
    household = await work.session.scalar(
        select(Household).where(Household.tenant_id == work.tenant.id, Household.id == household_id).with_for_update()
    )
    if household is None:
        raise NotFound(field="householdId")
    if correction.head_name is not None:
        check_name(correction.head_name, field="headName")
    if correction.head_phone is not None:
        check_phone(correction.head_phone, field="headPhone")
    _apply(household, correction)
    check_household(head_count=household.head_count, since=household.since, until=household.until, today=work.today())
    household.sort_key = household_key(since=household.since, until=household.until)
    if correction.head_name is not None or correction.head_phone is not None:
        await _correct_head(work, household, correction=correction, sealer=sealer)
    await work.session.flush()
    await _recount(work, dwelling_id=household.dwelling_id)
    await work.record(AuditEntry("household:correct", "Household", household.id))
    return household.id


def _apply(household: Household, correction: HouseholdCorrection) -> None:
    for name in ("head_count", "residence", "since", "until"):
        value = getattr(correction, name)
        if value is not None:
            setattr(household, name, value)


async def _correct_head(
    work: TenantWork, household: Household, *, correction: HouseholdCorrection, sealer: TenantSealer
) -> None:
    head = await _find_head(work, household)
    if correction.head_name is not None:
        name = sealer.seal_text(correction.head_name, purpose=Purpose.NAME)
        if head is None:
            head = Person(tenant_id=work.tenant.id, id=work.new_id())
        head.name_sealed, head.name_masked, head.name_index = name
    if head is None:
        # A phone alone is nobody's.
        raise NotFound(field="headName")
    if correction.head_phone is not None:
        phone = sealer.seal_text(correction.head_phone, purpose=Purpose.PHONE)
        head.phone_sealed, head.phone_masked, head.phone_index = phone
    work.session.add(head)
    await work.session.flush()
    household.head_id = head.id


async def _find_head(work: TenantWork, household: Household) -> Person | None:
    if household.head_id is None:
        return None
    return await work.session.get(Person, (work.tenant.id, household.head_id), with_for_update=True)


async def _recount(work: TenantWork, *, dwelling_id: uuid.UUID) -> None:
    building = await work.session.scalar(
        select(Place.building_id).where(Place.tenant_id == work.tenant.id, Place.id == dwelling_id)
    )
    if building is not None:
        await recount_buildings(work, building_ids=[building])
