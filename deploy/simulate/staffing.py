"""Which bodies and posts does an office or a community have, and who of them signs in?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.simulate.posts import Named, Premises, Staff

DISTRICT_POSTS = ("officer", "analyst")
STREET_POSTS = ("party-secretary", "dispatcher")


@dataclass(frozen=True, slots=True)
class Services:
    """Who serves a community's estates, and what its owners have set up."""

    company: Named
    service: str | None = None
    owners_committee: str = "业主委员会"


def staff_office(staff: Staff, kind_codes: Sequence[str]) -> None:
    """Give an office its Party organisation and one account for each kind of post."""
    place_id = staff.ground.place_id
    party_id = staff.add_body("party_organization", f"{staff.ground.name}党工委", level="党工委", place_id=place_id)
    for kind_code in kind_codes:
        body_id = party_id if kind_code == "party-secretary" else None
        staff.appoint(kind_code, place_id, body_id=body_id, account=staff.add_account(kind_code))


def staff_community(staff: Staff, premises: Premises, services: Services) -> uuid.UUID:
    """Give a community its bodies, and one account for each kind of post outside the grids; tell its committee."""
    committee_id = _staff_committee(staff)
    _staff_party(staff, premises)
    _staff_estates(staff, premises, services)
    for kind_code in ("admin", "auditor"):
        staff.appoint(kind_code, staff.ground.place_id, account=staff.add_account(kind_code))
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
    place_id = staff.ground.place_id
    committee_id = staff.add_body("residents_committee", f"{staff.ground.name}居民委员会", place_id=place_id)
    staff.appoint("worker", place_id, body_id=committee_id, account=staff.add_account("worker"))
    for grid in premises.grids:
        staff.appoint("grid-worker", grid.id, body_id=committee_id)
    for estate in premises.estates:
        staff.add_contract(estate.id, services.company.id, service=services.service)


def _staff_committee(staff: Staff) -> uuid.UUID:
    place_id = staff.ground.place_id
    committee_id = staff.add_body("residents_committee", f"{staff.ground.name}居民委员会", place_id=place_id)
    for kind_code in ("committee-chair", "worker"):
        staff.appoint(kind_code, place_id, body_id=committee_id, account=staff.add_account(kind_code))
    staff.appoint("worker", place_id, body_id=committee_id)
    return committee_id


def _staff_party(staff: Staff, premises: Premises) -> None:
    ground = staff.ground
    party_id = staff.add_body("party_organization", f"{ground.name}党委", level="党委", place_id=ground.place_id)
    for grid in premises.grids:
        branch_id = staff.add_body(
            "party_organization",
            f"{ground.name}{grid.name}党支部",
            level="党支部",
            parent_id=party_id,
            place_id=grid.id,
        )
        staff.appoint("grid-party-secretary", grid.id, body_id=branch_id)
    account = staff.add_account("party-secretary")
    staff.appoint("party-secretary", ground.place_id, body_id=party_id, account=account)


def _staff_estates(staff: Staff, premises: Premises, services: Services) -> None:
    for estate in premises.estates:
        staff.add_contract(estate.id, services.company.id, service=services.service)
    first = premises.estates[0]
    for kind_code in ("property-manager", "property-worker"):
        account = staff.add_account(kind_code)
        staff.appoint(kind_code, first.id, body_id=services.company.id, account=account)
    owners_id = staff.add_body("owners_committee", f"{first.name}{services.owners_committee}", place_id=first.id)
    staff.appoint("owners-chair", first.id, body_id=owners_id, account=staff.add_account("owners-chair"))
