"""Which bodies and posts does an office or a community have, and who of them signs in?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.simulate.neighbourhood import Named
from deploy.simulate.posts import Premises, Staff


@dataclass(frozen=True, slots=True)
class Services:
    """Who serves a community's estates, and what its owners have set up."""

    company: Named
    service: str | None = None
    owners_committee: str = "业主委员会"


@dataclass(frozen=True, slots=True)
class PartyTree:
    """How a community's Party organisations hang together, which differs from one to the next."""

    # The street's organisation above the community's.
    parent_id: uuid.UUID | None = None
    of_grids: str = "党支部"
    of_estates: str | None = None
    of_buildings: str | None = None


def staff_district(staff: Staff) -> None:
    """Give a district office one account for each kind of post."""
    for kind_code in ("officer", "analyst"):
        staff.appoint(kind_code, staff.ground.place_id, account=staff.add_account(kind_code))


def staff_departments(staff: Staff, names: Sequence[str]) -> None:
    """Give a district office its departments, a post in each; who has that of the first one signs in."""
    place_id = staff.ground.place_id
    for number, name in enumerate(names):
        body_id = staff.add_body("department", f"{staff.ground.name}{name}", place_id=place_id)
        account = None if number else staff.add_account("department-handler")
        staff.appoint("department-handler", place_id, body_id=body_id, account=account)


def staff_street(staff: Staff) -> uuid.UUID:
    """Give a street office one account for each kind of post, and its Party organisation, whose id is told."""
    place_id = staff.ground.place_id
    party_id = staff.add_body("party_organization", f"{staff.ground.name}党工委", level="党工委", place_id=place_id)
    account = staff.add_account("party-secretary")
    staff.appoint("party-secretary", place_id, body_id=party_id, account=account)
    staff.appoint("dispatcher", place_id, account=staff.add_account("dispatcher"))
    return party_id


def staff_community(staff: Staff, premises: Premises, *, services: Services, party: PartyTree) -> uuid.UUID:
    """Give a community its bodies, and one account for each kind of post outside the grids; tell its committee."""
    place_id = staff.ground.place_id
    committee_id = staff.ground.body_id
    staff.appoint("committee-chair", place_id, body_id=committee_id, account=staff.add_account("committee-chair"))
    staff.appoint("worker", place_id, body_id=committee_id, account=staff.add_account("worker"))
    staff.appoint("worker", place_id, body_id=committee_id)
    _staff_party(staff, premises, party)
    _staff_estates(staff, premises, services)
    for kind_code in ("admin", "auditor"):
        staff.appoint(kind_code, place_id, account=staff.add_account(kind_code))
    account = staff.add_account("resident")
    staff.fill("resident", premises.dwelling_id, person=premises.resident, account=account)
    return committee_id


def staff_grids(staff: Staff, premises: Premises, *, committee_id: uuid.UUID, has_leader: bool) -> None:
    """Give every grid a worker and every building a leader; those of the first ones sign in."""
    if has_leader:
        account = staff.add_account("grid-leader")
        staff.appoint("grid-leader", premises.grids[0].id, body_id=committee_id, account=account)
    for number, grid in enumerate(premises.grids):
        signing_in = None if number else staff.add_account("grid-worker")
        staff.appoint("grid-worker", grid.id, body_id=committee_id, account=signing_in)
    for number, building in enumerate(premises.buildings):
        signing_in = None if number else staff.add_account("building-leader")
        staff.appoint("building-leader", building.id, account=signing_in)


def staff_small_community(staff: Staff, premises: Premises, services: Services) -> None:
    """Give a small community its committee, a worker who signs in, and who serves its estates."""
    committee_id = staff.ground.body_id
    staff.appoint("worker", staff.ground.place_id, body_id=committee_id, account=staff.add_account("worker"))
    for grid in premises.grids:
        staff.appoint("grid-worker", grid.id, body_id=committee_id)
    for estate in premises.estates:
        staff.add_contract(estate.id, services.company.id, service=services.service)


def _staff_party(staff: Staff, premises: Premises, party: PartyTree) -> None:
    place_id = staff.ground.place_id
    name = f"{staff.ground.name}党委"
    top_id = staff.add_body("party_organization", name, level="党委", parent_id=party.parent_id, place_id=place_id)
    account = staff.add_account("party-secretary")
    staff.appoint("party-secretary", place_id, body_id=top_id, account=account)
    branches = _add_branches(staff, premises.grids, level=party.of_grids, parent_id=top_id)
    for grid, branch_id in zip(premises.grids, branches, strict=True):
        staff.appoint("grid-party-secretary", grid.id, body_id=branch_id)
    if party.of_estates:
        branches = _add_branches(staff, premises.estates, level=party.of_estates, parent_id=branches[0])
    if party.of_buildings:
        # Of the first buildings alone: groups form where Party members live.
        _add_branches(staff, premises.buildings[:3], level=party.of_buildings, parent_id=branches[0])


def _add_branches(staff: Staff, places: Sequence[Named], *, level: str, parent_id: uuid.UUID) -> list[uuid.UUID]:
    return [
        staff.add_body(
            "party_organization",
            f"{staff.ground.name}{place.name}{level}",
            level=level,
            parent_id=parent_id,
            place_id=place.id,
        )
        for place in places
    ]


def _staff_estates(staff: Staff, premises: Premises, services: Services) -> None:
    for estate in premises.estates:
        staff.add_contract(estate.id, services.company.id, service=services.service)
    first = premises.estates[0]
    for kind_code in ("property-manager", "property-worker"):
        account = staff.add_account(kind_code)
        staff.appoint(kind_code, first.id, body_id=services.company.id, account=account)
    owners_id = staff.add_body("owners_committee", f"{first.name}{services.owners_committee}", place_id=first.id)
    staff.appoint("owners-chair", first.id, body_id=owners_id, account=staff.add_account("owners-chair"))
