"""Who asks? Grants of every shape that a position can give."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tenants.grants import Grant, Grants, Scope
from tests.make import World


@dataclass(frozen=True, slots=True)
class Caller:
    """Grants, by what they are about."""

    name: str
    slug: str | None
    granted: tuple[Grant, ...] = ()
    account: str = "worker"
    # Names of rows in the tenant, by scope list.
    scope: tuple[tuple[str, str], ...] = ()

    def grants(self, world: World) -> Grants:
        """Make the grants in a world."""
        lists: dict[str, list[object]] = {}
        for name, row in self.scope:
            held = world.bodies if name == "body_ids" else world.places
            lists.setdefault(name, []).append(held[f"{self.slug}/{row}"])
        scope = Scope(**{name: tuple(ids) for name, ids in lists.items()})  # type: ignore[arg-type]
        placed = {grant.permission for grant in self.granted if grant.rows != "all"}
        return Grants(
            tenant=world.tenants[self.slug] if self.slug else None,
            account_id=world.accounts[self.account],
            grants=frozenset(self.granted),
            scopes=MappingProxyType(dict.fromkeys(placed, scope)),
        )


def _grants(rows: str, *permissions: str, tenants: str = "acting", condition: str = "") -> tuple[Grant, ...]:
    return tuple(Grant(permission, tenants, rows, condition) for permission in permissions)


_STRUCTURE = ("place:read", "dwelling:read")
_ALL = (*_STRUCTURE, "resident:read")
_NAMES = _grants("all", "place:read", condition="names")

_CASES = ("case:read", "case:accept", "case:dispatch", "case:handle", "case:call_back", "case:close")

CALLERS = (
    Caller("cases", "qingcheng", (*_grants("all", "place:read", "dwelling:read"), *_grants("all", *_CASES))),
    Caller(
        "cases_without_reporters",
        "zhongshan",
        (*_grants("all", *_STRUCTURE), *_grants("all", "case:read", condition="reporter_hidden")),
    ),
    Caller(
        "cases_of_the_grid",
        "qingcheng",
        (*_grants("all", "place:read"), *_grants("place", *_CASES)),
        "grid-worker",
        (("grid_ids", "第二网格"), ("building_ids", "1号楼")),
    ),
    Caller(
        "cases_handed_to_the_company",
        "qingcheng",
        (*_grants("place", "place:read"), *_grants("own", "case:read", "case:handle", "case:hand_on", "summary:read")),
        "manager",
        (("estate_ids", "花园小区"), ("body_ids", "property_company")),
    ),
    Caller(
        "cases_of_ones_own",
        "qingcheng",
        (*_grants("all", "place:read", condition="names"), *_grants("own", "case:read", condition="as_reporter")),
        "resident",
        (("dwelling_ids", "1号楼1单元101室"),),
    ),
    Caller(
        "index_and_what_was_handed_up",
        "gudong",
        (
            *_grants("all", *_STRUCTURE, tenants="subtree"),
            *_grants("all", "case:read", tenants="subtree", condition="index"),
            *_grants("own", "case:read", "case:dispatch", "case:close", tenants="served"),
        ),
        "dispatcher",
        (("body_ids", "office"),),
    ),
    Caller(
        "department",
        "gudong",
        (
            *_grants("own", "place:read", tenants="served"),
            *_grants("own", "case:read", "case:handle", "summary:read", tenants="served"),
        ),
        "dispatcher",
        (("body_ids", "department"),),
    ),
    Caller(
        "everything", "qingcheng", _grants("all", *_ALL, "audit:read", "position:end", "settings:edit", "summary:read")
    ),
    Caller("everything_under_no_office", "xiyuan", _grants("all", *_ALL)),
    Caller("appointing", "qingcheng", _grants("all", "place:read", "position:appoint")),
    Caller(
        "appointing_by_roster",
        "zhongshan",
        (*_grants("all", "place:read"), *_grants("all", "position:appoint", condition="by_roster")),
    ),
    Caller("street", "gudong", _grants("all", *_STRUCTURE, "summary:read", tenants="subtree"), "dispatcher"),
    Caller("district", "gulou", _grants("all", *_STRUCTURE, "summary:read", tenants="subtree"), "officer"),
    Caller("office_appointing", "gudong", _grants("all", "place:read", "position:end", tenants="subtree"), "resident"),
    Caller("office_itself", "gudong", _grants("all", "place:read", "position:end"), "dispatcher"),
    Caller(
        "grid",
        "qingcheng",
        (*_grants("all", "place:read"), *_grants("place", "dwelling:read", "resident:read", "summary:read")),
        "grid-worker",
        (("grid_ids", "第二网格"),),
    ),
    Caller("all_by_grid", "zhongshan", _grants("place", *_ALL), "grid-worker", (("grid_ids", "第二网格"),)),
    Caller("building", "qingcheng", _grants("place", *_ALL), scope=(("building_ids", "2号楼"),)),
    Caller(
        "estate",
        "qingcheng",
        _grants("place", *_STRUCTURE, "position:end"),
        "manager",
        (("estate_ids", "花园小区"), ("body_ids", "property_company")),
    ),
    Caller(
        "own_dwelling",
        "qingcheng",
        (*_NAMES, *_grants("own", "dwelling:read", "resident:read")),
        "resident",
        (("dwelling_ids", "1号楼1单元101室"),),
    ),
    Caller(
        "two_posts",
        "zhongshan",
        (*_NAMES, *_grants("place", *_ALL), *_grants("own", "resident:read")),
        "manager",
        (("grid_ids", "第十网格"), ("estate_ids", "新村小区"), ("dwelling_ids", "2号楼2单元201室")),
    ),
    Caller("place_without_places", "qingcheng", _grants("place", *_ALL)),
    Caller("names", "qingcheng", (*_NAMES, *_grants("all", "audit:read"))),
    Caller("served", "gudong", _grants("own", "place:read", tenants="served"), "dispatcher"),
    Caller("nothing", "qingcheng", ()),
    Caller("no_tenant", None, ()),
)
