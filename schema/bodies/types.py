"""What do clients see of organisations?"""

from __future__ import annotations

import strawberry

from schema.bodies.sources import BODY, body_source
from schema.compiler.declare import column, reads
from schema.node import NodeInterface


@reads(BODY)
@strawberry.interface(
    name="Body", description="组织/单位: a Party organisation, company, committee, department or partner."
)
class BodyInterface(NodeInterface):
    """Any organisation of the directory."""

    name: str = column(lambda body: body.c.name)


@reads(body_source("party_organization"))
@strawberry.type(name="PartyOrganization", description="党组织 (党工委 党委 党总支 党支部 党小组), free in depth.")
class PartyOrganizationType(BodyInterface):
    """A Party organisation."""

    level: str | None = column(lambda body: body.c.level, "党工委, 党委, 党总支, 党支部 or 党小组.")


@reads(body_source("residents_committee"))
@strawberry.type(name="ResidentsCommittee", description="居委会: a residents' committee.")
class ResidentsCommitteeType(BodyInterface):
    """A residents' committee."""


@reads(body_source("property_company"))
@strawberry.type(name="PropertyCompany", description="物业公司: a property company.")
class PropertyCompanyType(BodyInterface):
    """A property company."""

    credit_code: str | None = column(lambda body: body.c.credit_code, "统一社会信用代码")


@reads(body_source("owners_committee"))
@strawberry.type(name="OwnersCommittee", description="业委会: an owners' committee.")
class OwnersCommitteeType(BodyInterface):
    """An owners' committee."""


@reads(body_source("department"))
@strawberry.type(name="Department", description="职能部门: a department, utility or police station.")
class DepartmentType(BodyInterface):
    """A department."""


@reads(body_source("partner"))
@strawberry.type(name="Partner", description="共建单位: a partner.")
class PartnerType(BodyInterface):
    """A partner."""


@reads(body_source("volunteer_team"))
@strawberry.type(name="VolunteerTeam", description="志愿服务队: a team of volunteers.")
class VolunteerTeamType(BodyInterface):
    """A team of volunteers."""


@reads(body_source("office"))
@strawberry.type(name="Office", description="办公室: a street or district office as such.")
class OfficeType(BodyInterface):
    """An office."""
