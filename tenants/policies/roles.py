"""What does casbin say that a kind of position grants, in a kind of tenant, with the tenant's overrides?"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import casbin

from tenants.grants import Grant

ANY = "*"
ALLOW = "allow"
DENY = "deny"
ROWS = ("own", "place", "all")

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Role:
    """A line of roles.csv: what a kind of position grants in a kind of tenant."""

    position: str
    tenant_kind: str
    permission: str
    tenants: str
    rows: str
    condition: str


@dataclass(frozen=True, slots=True)
class Override:
    """What a tenant changed, for one of its kinds of position and for itself alone."""

    kind_code: str
    permission: str
    # A denial may say `*` for all rows and all conditions.
    rows: str
    condition: str
    effect: str


@cache
def starting_roles() -> tuple[Role, ...]:
    """List the starting grants of all kinds of position."""
    with (_FOLDER / "roles.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Role(**line) for line in csv.DictReader(file))


@cache
def enforced() -> frozenset[tuple[str, str, str]]:
    """List permission, rows and condition of whatever reads and commands really hold to (enforced.csv)."""
    with (_FOLDER / "enforced.csv").open(encoding="utf-8", newline="") as file:
        return frozenset((line["permission"], line["rows"], line["condition"]) for line in csv.DictReader(file))


@cache
def permissions() -> frozenset[str]:
    """List the names of all permissions."""
    return frozenset(role.permission for role in starting_roles())


@cache
def conditions(permission: str) -> frozenset[str]:
    """List the conditions that a permission is ever granted under, the empty one among them."""
    return frozenset({"", *(role.condition for role in starting_roles() if role.permission == permission)})


@lru_cache(maxsize=4096)
def grants_of(
    kind_code: str, *, grants_as: str, tenant_kind: str, overrides: frozenset[Override] = frozenset()
) -> frozenset[Grant]:
    """Ask casbin what a kind of position grants; `grants_as` is the starting kind that it copies, or itself.

    An enforcement costs milliseconds, so each combination is asked for once.
    """
    names = (kind_code, grants_as)
    starting = [role for role in starting_roles() if role.tenant_kind == tenant_kind and role.position in names]
    own = [override for override in overrides if override.kind_code in names and is_enforced(override)]
    lines = [(*_line(role), ALLOW) for role in starting]
    lines += [_override_line(override, tenant_kind) for override in own]
    enforcer = _enforcer(lines, copy=(kind_code, grants_as))
    asked = {Grant(role.permission, role.tenants, role.rows, role.condition) for role in starting}
    asked |= {
        Grant(override.permission, "acting", override.rows, override.condition)
        for override in own
        if override.effect == ALLOW
    }
    return frozenset(grant for grant in asked if _is_granted(enforcer, kind_code, tenant_kind, grant))


def is_enforced(override: Override) -> bool:
    """Tell whether reads and commands hold to what an override says; an allowance of anything else is none."""
    return override.effect == DENY or (override.permission, override.rows, override.condition) in enforced()


def _is_granted(enforcer: casbin.Enforcer, kind_code: str, tenant_kind: str, grant: Grant) -> bool:
    decided: bool = enforcer.enforce(
        kind_code, tenant_kind, grant.permission, grant.tenants, grant.rows, grant.condition
    )
    return decided


def _line(role: Role) -> tuple[str, ...]:
    return (role.position, role.tenant_kind, role.permission, role.tenants, role.rows, role.condition)


def _override_line(override: Override, tenant_kind: str) -> tuple[str, ...]:
    # Whatever the tenant wrote, an allowance reaches no further than its own walls. A denial takes the
    # permission from an office's people below the office, too.
    tenants = "acting" if override.effect == ALLOW else ANY
    return (
        override.kind_code,
        tenant_kind,
        override.permission,
        tenants,
        override.rows,
        override.condition,
        override.effect,
    )


def _enforcer(lines: list[tuple[str, ...]], *, copy: tuple[str, str]) -> casbin.Enforcer:
    model = casbin.Model()
    model.load_model_from_text(_model_text())
    model.add_policies("p", "p", [list(line) for line in lines])
    model.add_policies("g", "g", [list(copy)])
    enforcer = casbin.Enforcer(model)
    enforcer.build_role_links()
    return enforcer


@cache
def _model_text() -> str:
    return (_FOLDER / "model.conf").read_text(encoding="utf-8")
