"""What do clients see of property contracts, and what may they do with them?"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable
from datetime import date
from typing import Annotated, Any

import strawberry

from schema.bodies.types import PropertyCompanyType
from schema.compiler.declare import FieldClass, One, Row, Source, column, read, reads, table_of
from schema.compiler.values import decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, row_id, written
from schema.node import NodeInterface
from schema.places.types import EstateType
from services.bodies.commands import end_property_contract, start_property_contract
from services.bodies.tables import PropertyContract
from services.cases.backlog import redraw_work_of_contract
from tenants.errors import NotFound
from tenants.work import TenantWork


def _inside(row: Row, scope: Any) -> Any:
    return scope.holds_any(estate_ids=row.c.estate_id)


CONTRACT = Source(
    table=table_of(PropertyContract),
    name="property_contracts",
    prefix="ctr",
    permission="place:read",
    within=_inside,
)


@reads(CONTRACT)
@strawberry.type(name="PropertyContract", description="物业合同: a company's service of an estate, both days included.")
class PropertyContractType(NodeInterface):
    """A property contract."""

    service: str | None = column(lambda contract: contract.c.service, field_class=FieldClass.INTERNAL)
    since: date | None = column(lambda contract: contract.c.since, field_class=FieldClass.INTERNAL)
    until: date | None = column(
        lambda contract: contract.c.until, "Last day; null while it has no end.", field_class=FieldClass.INTERNAL
    )
    estate: EstateType | None = read(
        One(
            on=lambda contract, estate: (
                (estate.c.tenant_id == contract.c.tenant_id) & (estate.c.id == contract.c.estate_id)
            )
        )
    )
    company: PropertyCompanyType | None = read(One(on=lambda contract, body: body.c.id == contract.c.body_id))


@strawberry.type(name="PropertyContractPayload")
class PropertyContractPayload(WrittenPayload):
    """The contract, or why not."""

    contract: PropertyContractType | None = written("PropertyContract")


Service = Annotated[str | None, strawberry.argument(description="For example 1元服务.")]


@strawberry.type
class ContractMutations:
    """Property contracts from day to day."""

    @strawberry.mutation(description="登记物业合同: the company's people see the estate while it is in force.")
    async def start_property_contract(
        self,
        info: GatewayInfo,
        estate_id: strawberry.ID,
        company_id: strawberry.ID,
        since: date,
        until: date | None = None,
        service: Service = None,
    ) -> PropertyContractPayload:
        """Start a contract."""
        return await perform(
            info,
            PropertyContractPayload,
            lambda work: _redrawn(
                work,
                start_property_contract(
                    work,
                    estate_id=row_id(estate_id, "est", work),
                    company_id=_company(company_id),
                    since=since,
                    until=until,
                    service=service,
                ),
            ),
        )

    @strawberry.mutation(
        description="终止物业合同: from the day after, the company's people see nothing of the estate."
    )
    async def end_property_contract(
        self, info: GatewayInfo, contract_id: strawberry.ID, until: date
    ) -> PropertyContractPayload:
        """End a contract."""
        return await perform(
            info,
            PropertyContractPayload,
            lambda work: _redrawn(
                work, end_property_contract(work, contract_id=row_id(contract_id, "ctr", work), until=until)
            ),
        )


async def _redrawn(work: TenantWork, changed: Awaitable[uuid.UUID]) -> uuid.UUID:
    """Let cases wait for whom they wait under the contract as it now is."""
    contract_id = await changed
    await redraw_work_of_contract(work, contract_id=contract_id)
    return contract_id


def _company(global_id: str) -> Any:
    found = decode_id(global_id)
    if found is None or found.prefix != "prc":
        raise NotFound(field="companyId")
    return found.row_id
