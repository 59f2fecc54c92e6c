"""What can be asked and done, all features put together?"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema.audit.types import NEWEST_FIRST, AuditEntryType
from schema.bodies.contracts import ContractMutations
from schema.bodies.directory import BodyKind, is_of_kind
from schema.bodies.mutations import BodyMutations
from schema.bodies.types import (
    BodyInterface,
    DepartmentType,
    OfficeType,
    OwnersCommitteeType,
    PartnerType,
    PartyOrganizationType,
    PropertyCompanyType,
    ResidentsCommitteeType,
    VolunteerTeamType,
)
from schema.calendars.mutations import CalendarMutations
from schema.calendars.types import WorkingCalendarType, is_own_calendar
from schema.case_targets.mutations import CaseTargetMutations
from schema.case_targets.types import CaseTargetType
from schema.cases.asking import CaseAskingMutations
from schema.cases.enums import CaseOrder
from schema.cases.filters import CASE_ORDERS, CaseFilter
from schema.cases.handling import CaseHandlingMutations
from schema.cases.mutations import CaseMutations
from schema.cases.settling import CaseSettlingMutations
from schema.cases.subscriptions import CaseSubscriptions
from schema.cases.supervising import CaseSupervisingMutations
from schema.cases.tasking import CaseTaskMutations
from schema.cases.types import CaseType
from schema.categories.mutations import CategoryMutations
from schema.categories.types import CaseCategoriesType, is_own_book
from schema.compiler.context import ACCOUNT, ACTING_DISTRICT, ACTING_TENANT
from schema.compiler.declare import Connection, Many, One, Order, Root, Row, by_id, connection, read
from schema.compiler.model import BACKREF, ReadModel, build_model
from schema.exports.mutations import ExportMutations
from schema.exports.types import ExportFilter, ExportType
from schema.idempotency import keyed
from schema.node import NodeInterface
from schema.notifications.mutations import NotificationMutations
from schema.notifications.subscriptions import NotificationSubscriptions
from schema.notifications.types import NotificationType
from schema.paging import ConnectionType
from schema.people.contacts import ContactMutations
from schema.people.households import HouseholdMutations
from schema.places.areas import BY_ADDRESS, CommunityType, DistrictType, PlaceInterface, StreetType
from schema.places.filters import DWELLING_ORDERS, DwellingFilter, DwellingOrder, has_every_word
from schema.places.mutations import PlaceMutations
from schema.places.sources import kind_literal, of_kind
from schema.places.types import BuildingType, DwellingType, EstateType, GridType, SiteType, UnitType
from schema.positions.appointments import AppointmentFilter, AppointmentType
from schema.positions.mutations import PositionMutations
from schema.positions.settings import PolicyMutations, TenantPositionKindType
from schema.positions.types import PositionType
from schema.residents.joining import JoiningMutations
from schema.residents.mutations import ResidencyMutations
from schema.residents.settings import ResidencySettingsMutations, ResidencySettingsType
from schema.residents.types import DwellingChoiceType, ResidencyFilter, ResidencyType, is_in_building
from schema.roster.mutations import RosterMutations
from schema.scalars import DAY, INSTANT
from schema.settings.mutations import TenantSettingMutations
from schema.settings.types import TenantSettingType
from schema.tenancy.types import MeType, TenantType
from schema.tickets.mutations import TicketMutations
from schema.webhooks.mutations import WebhookMutations
from schema.webhooks.types import WebhookType, is_of_tenant
from schema.whistles.mutations import WhistleMutations
from schema.whistles.types import WhistleTimesType
from schema.work_items.types import WorkItemType

PLACE_TYPES = ("District", "Street", "Community", "Grid", "Estate", "Site", "Building", "Unit", "Dwelling")
BODY_TYPES = (
    "PartyOrganization",
    "ResidentsCommittee",
    "PropertyCompany",
    "OwnersCommittee",
    "Department",
    "Partner",
    "VolunteerTeam",
    "Office",
)


SEARCHED_KINDS = ("building", "unit", "site", "estate")


def _searched(_: object, place: Row) -> object:
    return place.c.tenant_id == ACTING_TENANT


@strawberry.type(description="What can be read. Every query is one statement.")
class Query:
    """The roots of every read."""

    node: NodeInterface | None = by_id(
        description="Anything by its global id; null when it is not there or not yours to see."
    )
    place: PlaceInterface | None = by_id(*PLACE_TYPES)
    body: BodyInterface | None = by_id(*BODY_TYPES)
    me: MeType = read(Root(), "Who is asking.")
    district: DistrictType | None = read(
        One(on=lambda _, district: district.c.id == ACTING_DISTRICT), "The district of the tenant acted in."
    )
    street: StreetType | None = by_id("Street")
    community: CommunityType | None = by_id("Community")
    grid: GridType | None = by_id("Grid")
    estate: EstateType | None = by_id("Estate")
    building: BuildingType | None = by_id("Building")
    unit: UnitType | None = by_id("Unit")
    dwelling: DwellingType | None = by_id("Dwelling")
    site: SiteType | None = by_id("Site")
    position: PositionType | None = by_id("Position")
    communities: ConnectionType[CommunityType] | None = connection(
        Connection(
            on=lambda _, community: community.c.id == ACTING_TENANT,
            on_in={
                "street": lambda _, community: community.c.street_id == ACTING_TENANT,
                "district": lambda _, community: community.c.district_id == ACTING_TENANT,
            },
            order=BY_ADDRESS,
        ),
        "The community acted in, or those below the office acted in.",
    )
    tenants: ConnectionType[TenantType] | None = connection(
        Connection(on=lambda _, tenant: tenant.c.status != kind_literal("closed"), order=BY_ADDRESS),
        "The tenants within reach: the one acted in, those below it, and those in which the account holds a post.",
    )
    dwellings: ConnectionType[DwellingType] | None = connection(
        Connection(on=lambda _, dwelling: of_kind("dwelling")(dwelling), order=BY_ADDRESS, orders=DWELLING_ORDERS),
        "Dwellings within reach.",
        arguments={"filter": DwellingFilter | None, "order_by": list[DwellingOrder] | None},
    )
    bodies: ConnectionType[BodyInterface] | None = connection(
        Connection(
            on=lambda _, body: body.c.home_tenant_id == ACTING_TENANT, order=BY_ADDRESS, arguments={"kind": is_of_kind}
        ),
        "The organisations of one kind that the tenant acted in has in its directory, by name.",
        arguments={"kind": BodyKind},
    )
    appointments: ConnectionType[AppointmentType] | None = connection(
        Connection(on=lambda _, post: post.c.tenant_id == ACTING_TENANT, order=Order(lambda post: post.c.board_rank)),
        "All posts of the tenant acted in, for those who may end them; those of the duty board first.",
        arguments={"filter": AppointmentFilter | None},
    )
    position_kinds: ConnectionType[TenantPositionKindType] | None = connection(
        Connection(on=lambda _, kind: kind.c.tenant_id == ACTING_TENANT, order=Order(lambda kind: kind.c.code)),
        "The kinds of post of the tenant acted in.",
    )
    case: CaseType | None = by_id("Case")
    cases: ConnectionType[CaseType] | None = connection(
        Connection(
            on=lambda _, case: case.c.tenant_id.is_not(None),
            order=CASE_ORDERS["REPORTED_AT_DESC"],
            orders=CASE_ORDERS,
        ),
        "Cases within reach: whole, or for offices above their index.",
        arguments={"filter": CaseFilter | None, "order_by": list[CaseOrder] | None},
    )
    case_categories: CaseCategoriesType | None = read(
        One(on=is_own_book, covered=True), "The categories of the tenant acted in."
    )
    tenant_settings: ConnectionType[TenantSettingType] | None = connection(
        Connection(on=lambda _, setting: setting.c.tenant_id == ACTING_TENANT, order=Order(lambda one: one.c.name)),
        "单位设置: what the tenant acted in has set beyond the work itself, by which rule, what for and until when.",
    )
    case_targets: ConnectionType[CaseTargetType] | None = connection(
        Connection(
            on=lambda _, target: target.c.tenant_id == ACTING_TENANT,
            order=Order(lambda target: target.c.since, descending=True),
        ),
        "目标: what the tenant acted in aims at in the sums of its cases, the newest first.",
    )
    working_calendar: WorkingCalendarType | None = read(
        One(on=is_own_calendar, covered=True), "工作日历: the working calendar of the tenant acted in."
    )
    whistle_times: ConnectionType[WhistleTimesType] | None = connection(
        Connection(
            on=lambda _, times: times.c.tenant_id == ACTING_TENANT,
            order=Order(lambda times: times.c.since, descending=True),
        ),
        "How long departments have that are called for cases of the tenant acted in, the newest first.",
    )
    my_work: ConnectionType[WorkItemType] | None = connection(
        Connection(
            on=lambda _, item: item.c.account_id == ACCOUNT,
            order=Order(lambda item: item.c.due_order),
            of_account=True,
        ),
        "What waits for the account in all tenants together, the most urgent first.",
    )
    notifications: ConnectionType[NotificationType] | None = connection(
        Connection(
            on=lambda _, told: told.c.account_id == ACCOUNT,
            order=Order(lambda told: told.c.at, descending=True),
            of_account=True,
        ),
        "通知: what the account is told in all tenants together, the newest first, for half a year.",
    )
    webhooks: list[WebhookType] | None = read(
        Many(on=is_of_tenant, order=lambda webhook: (webhook.c.made_at, webhook.c.id)),
        "推送地址: where changes of the tenant's cases are sent, for those who edit settings.",
    )
    audit_entries: ConnectionType[AuditEntryType] | None = connection(
        Connection(on=lambda _, entry: entry.c.tenant_id == ACTING_TENANT, order=NEWEST_FIRST),
        "审计日志: the audit log of the tenant acted in, the newest first.",
    )
    exports: ConnectionType[ExportType] | None = connection(
        Connection(
            on=lambda _, export: export.c.tenant_id == ACTING_TENANT,
            order=Order(lambda export: export.c.requested_at, descending=True),
        ),
        "导出: the caller's exports of the tenant acted in, the newest first; for those who decide, everybody's.",
        arguments={"filter": ExportFilter | None},
    )
    residencies: ConnectionType[ResidencyType] | None = connection(
        Connection(
            on=lambda _, residency: residency.c.tenant_id == ACTING_TENANT,
            order=Order(lambda residency: residency.c.requested_at),
        ),
        "Who asked to be bound to dwellings, the longest waiting first: for those who decide, and the caller's own.",
        arguments={"filter": ResidencyFilter | None},
    )
    residency_settings: ResidencySettingsType | None = read(
        One(on=lambda _, settings: settings.c.tenant_id == ACTING_TENANT), "Whom the community acted in lets in."
    )
    dwelling_choices: ConnectionType[DwellingChoiceType] | None = connection(
        Connection(
            on=lambda _, dwelling: dwelling.c.tenant_id == ACTING_TENANT,
            order=BY_ADDRESS,
            arguments={"buildingId": is_in_building},
        ),
        "The dwellings of a building by address alone, to choose one's own of.",
        arguments={"building_id": strawberry.ID},
    )
    place_search: ConnectionType[PlaceInterface] | None = connection(
        Connection(on=_searched, order=BY_ADDRESS, arguments={"text": has_every_word}, kinds=SEARCHED_KINDS),
        "Buildings, units, sites and estates of the tenant acted in, by words of the address or name.",
        arguments={"text": str},
    )


@keyed
@strawberry.type(description="What can be changed. Each field is one transaction.")
class Mutation(
    PlaceMutations,
    PositionMutations,
    PolicyMutations,
    TenantSettingMutations,
    BodyMutations,
    ContractMutations,
    HouseholdMutations,
    ContactMutations,
    RosterMutations,
    TicketMutations,
    CaseMutations,
    CaseHandlingMutations,
    CaseAskingMutations,
    CaseTaskMutations,
    CaseSettlingMutations,
    ResidencyMutations,
    JoiningMutations,
    ResidencySettingsMutations,
    CalendarMutations,
    CategoryMutations,
    WhistleMutations,
    CaseSupervisingMutations,
    NotificationMutations,
    CaseTargetMutations,
    WebhookMutations,
    ExportMutations,
):
    """The roots of every change."""


@strawberry.type(description="What can be listened to, by WebSocket or server-sent events.")
class Subscription(CaseSubscriptions, NotificationSubscriptions):
    """The roots of everything that is told as it happens."""


CONCRETE_TYPES = [
    DepartmentType,
    OfficeType,
    OwnersCommitteeType,
    PartnerType,
    PartyOrganizationType,
    PropertyCompanyType,
    ResidentsCommitteeType,
    VolunteerTeamType,
]


def build_schema() -> strawberry.Schema:
    """Put the schema together."""
    config = StrawberryConfig(disable_field_suggestions=True, scalar_map={date: DAY, datetime: INSTANT})
    schema = strawberry.Schema(
        query=Query, mutation=Mutation, subscription=Subscription, types=CONCRETE_TYPES, config=config
    )
    _mark_one_of(schema._schema)  # noqa: SLF001 - Strawberry shows no other.
    return schema


@cache
def read_model() -> ReadModel:
    """Tell what is read from what: made once in a process, only to be read by all of it."""
    return build_model(build_schema()._schema)  # noqa: SLF001 - Strawberry shows no other.


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Let graphql-core know the inputs that are one thing or the other: it says what is wrong with such a variable."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            type_.is_one_of = type_.extensions[BACKREF].is_one_of
