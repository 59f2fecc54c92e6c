"""What is in the offices and in the communities that have no workbook? Seeded rows, written at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.demo.contents import COMMUNITIES, Community, Office
from deploy.demo.making import Opened, SharedAccounts, add_companies
from deploy.simulate.neighbourhood import Extent, Named, Neighbourhood, build_neighbourhood
from deploy.simulate.posts import Staff
from deploy.simulate.rows import Load
from deploy.simulate.simulating import load_of, premises_of
from deploy.simulate.staffing import (
    PartyTree,
    Services,
    staff_community,
    staff_district,
    staff_grids,
    staff_small_community,
    staff_street,
)


@dataclass(frozen=True, slots=True)
class Directory:
    """What communities need of the offices above them, once these are filled."""

    companies: dict[str, Named] = field(default_factory=dict)
    # Of each street, by its tenant's id.
    parties: dict[int, uuid.UUID] = field(default_factory=dict)

    def services(self, community: Community) -> Services:
        """Tell who serves a community's estates."""
        return Services(self.companies[community.company], community.service, community.owners_committee)

    def party(self, community: Community, own: Opened) -> PartyTree:
        """Tell how a community's Party organisations hang together."""
        parent_id = self.parties[own.ground.street_id] if own.ground.street_id else None
        return PartyTree(parent_id, *community.party_levels)


def fill_office(office: Office, opened: Mapping[str, Opened], directory: Directory) -> Load:
    """Give an office its posts and bodies, and enter what its communities need into the directory."""
    own = opened[office.new.slug]
    staff, place_id = own.staff(), own.ground.place_id
    departments = [staff.add_body(body.kind, body.name, place_id=place_id) for body in office.bodies]
    if office.new.kind == "district":
        staff_district(staff)
        account = staff.add_account("department-handler")
        staff.appoint("department-handler", place_id, body_id=departments[0], account=account)
        directory.companies.update(add_companies(staff, _communities_under(own, opened)))
    else:
        directory.parties[own.ground.tenant_id] = staff_street(staff)
    return load_of(Neighbourhood(), staff, own.sealer)


def fill_community(
    community: Community, extent: Extent, *, own: Opened, directory: Directory, shared: SharedAccounts
) -> Load:
    """Build and settle a community that has no workbook, and fill its posts."""
    staff = own.staff()
    residents = staff.residents
    built = build_neighbourhood(own.ground, extent, random=residents.random, ids=staff.ids)
    for dwelling in built.dwellings:
        residents.settle(dwelling)
    premises = premises_of(built, residents)
    services = directory.services(community)
    if community.is_small:
        staff_small_community(staff, premises, services)
    else:
        party = directory.party(community, own)
        committee_id = staff_community(staff, premises, services=services, party=party)
        staff_grids(staff, premises, committee_id=committee_id, has_leader=community.has_grid_leader)
    add_extras(community, staff, premises.estates[0], services=services, shared=shared)
    return load_of(built, staff, own.sealer)


def add_extras(
    community: Community, staff: Staff, estate: Named, *, services: Services, shared: SharedAccounts
) -> None:
    """Add the bodies that this community alone has, and the post of the manager who works in two."""
    for body in community.bodies:
        staff.add_body(body.kind, body.name, place_id=staff.ground.place_id)
    if community.has_linhe_manager:
        company_id = services.company.id
        staff.appoint("property-manager", estate.id, body_id=company_id, account=shared.linhe_manager)


def _communities_under(district: Opened, opened: Mapping[str, Opened]) -> set[str]:
    return {one.new.slug for one in COMMUNITIES if opened[one.new.slug].ground.district_id == district.ground.tenant_id}
