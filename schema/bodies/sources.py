"""Where are organisations read from? The directory is shared; every member may read it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists

from schema.compiler.declare import Arms, Row, Source, plain_table, table_of
from schema.compiler.json_sql import quoted
from schema.positions.sources import is_current
from services.bodies.tables import PropertyContract
from tenants.tables import Body

_TYPES = {
    "party_organization": ("PartyOrganization", "pty"),
    "residents_committee": ("ResidentsCommittee", "rsc"),
    "property_company": ("PropertyCompany", "prc"),
    "owners_committee": ("OwnersCommittee", "owc"),
    "department": ("Department", "dep"),
    "partner": ("Partner", "par"),
    "volunteer_team": ("VolunteerTeam", "vol"),
    "office": ("Office", "ofc"),
}


def body_source(kind: str) -> Source:
    """Read one kind of body."""

    def only(row: Row) -> Any:
        return row.c.kind == quoted(kind)

    return Source(
        table=table_of(Body),
        name="bodies",
        prefix=_TYPES[kind][1],
        only=only,
        # Every member may read the directory; row-level security keeps out whoever has not entered.
        permission=None,
        tenant=None,
    )


BODY = Arms(kind="kind", types={kind: name for kind, (name, _) in _TYPES.items()}, table=table_of(Body), name="bodies")


def company_of(estate: Row, body: Row) -> Any:
    """Link an estate with the company whose contract is in force."""
    contract = plain_table(PropertyContract).alias("contract")
    in_force = exists().where(
        contract.c.tenant_id == estate.c.tenant_id,
        contract.c.estate_id == estate.c.id,
        contract.c.body_id == body.c.id,
        is_current(Row(contract, "property_contracts")),
    )
    return in_force.correlate_except(contract)


def committee_of(estate: Row, body: Row) -> Any:
    """Link an estate with its owners' committee."""
    return (body.c.home_tenant_id == estate.c.tenant_id) & (body.c.place_id == estate.c.id)
