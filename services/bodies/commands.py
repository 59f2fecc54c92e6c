"""What may be done with property contracts?"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import or_, select

from services.bodies.errors import EstateUnderContract, NotAPropertyCompany
from services.bodies.rules import check_can_end, check_can_last
from services.bodies.tables import PropertyContract
from services.places.tables import Place
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.permissions import bump_grants_version
from tenants.tables import Body
from tenants.work import TenantWork

PERMISSION = "register:edit"


async def start_property_contract(
    work: TenantWork,
    *,
    estate_id: uuid.UUID,
    company_id: uuid.UUID,
    since: date,
    until: date | None = None,
    service: str | None = None,
) -> uuid.UUID:
    """Record that a company serves an estate from a day on, perhaps to a day; its people see the estate for so long.

    Raises Forbidden, NotFound, NotAPropertyCompany, EstateUnderContract, ContractDatesInvalid.
    """
    work.require(PERMISSION)
    check_can_last(since=since, until=until)
    estate = await _lock_estate(work, estate_id=estate_id)
    company = await work.session.get(Body, company_id)
    if company is None:
        raise NotFound(field="companyId")
    if company.kind != "property_company":
        raise NotAPropertyCompany(name=company.name, field="companyId")
    await _check_is_free(work, estate=estate, since=since, until=until)
    contract = PropertyContract(
        tenant_id=estate.tenant_id,
        street_id=estate.street_id,
        district_id=estate.district_id,
        id=work.new_id(),
        estate_id=estate.id,
        body_id=company.id,
        service=service,
        since=since,
        until=until,
    )
    work.session.add(contract)
    await _finish(work, contract_id=contract.id, action="contract:start")
    return contract.id


async def end_property_contract(work: TenantWork, *, contract_id: uuid.UUID, until: date) -> uuid.UUID:
    """Record a contract's last day; from the day after, the company's people see nothing of the estate.

    Raises Forbidden, NotFound, ContractEnded, ContractDatesInvalid.
    """
    work.require(PERMISSION)
    contract = await work.session.scalar(
        select(PropertyContract)
        .where(PropertyContract.tenant_id == work.tenant.id, PropertyContract.id == contract_id)
        .with_for_update()
    )
    if contract is None:
        raise NotFound(field="contractId")
    check_can_end(since=contract.since, until=contract.until, last_day=until, today=work.today())
    if contract.until == until:
        return contract.id
    contract.until = until
    await _finish(work, contract_id=contract.id, action="contract:end")
    return contract.id


async def _lock_estate(work: TenantWork, *, estate_id: uuid.UUID) -> Place:
    """Two contracts of one estate wait here for each other."""
    estate = await work.session.scalar(
        select(Place)
        .where(Place.tenant_id == work.tenant.id, Place.id == estate_id, Place.kind == "estate")
        .with_for_update(key_share=True)
    )
    if estate is None:
        raise NotFound(field="estateId")
    return estate


async def _check_is_free(work: TenantWork, *, estate: Place, since: date, until: date | None) -> None:
    overlapping = [
        PropertyContract.tenant_id == work.tenant.id,
        PropertyContract.estate_id == estate.id,
        or_(PropertyContract.until.is_(None), PropertyContract.until >= since),
    ]
    if until is not None:
        overlapping.append(PropertyContract.since <= until)
    other = await work.session.scalar(
        select(PropertyContract.since).where(*overlapping).order_by(PropertyContract.since).limit(1)
    )
    if other is not None:
        raise EstateUnderContract(estate=estate.name, since=other, field="since")


async def _finish(work: TenantWork, *, contract_id: uuid.UUID, action: str) -> None:
    await work.session.flush()
    await work.record(AuditEntry(action, "PropertyContract", contract_id))
    # Who sees the estate has changed.
    await bump_grants_version(work)
