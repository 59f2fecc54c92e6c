"""What may a caller do, once decided? A frozen value that reads and writes are planned by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from uuid import UUID

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission, for some tenants and some rows. See tenants/policies/roles.csv."""

    permission: str
    tenants: str
    rows: str
    condition: str = ""

    @property
    def sort_key(self) -> tuple[str, str, str, str]:
        """Tell what grants are listed by."""
        return (self.permission, self.tenants, self.rows, self.condition)


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that "place" and "own" stand for, for one permission."""

    grid_ids: tuple[UUID, ...] = ()
    building_ids: tuple[UUID, ...] = ()
    estate_ids: tuple[UUID, ...] = ()
    dwelling_ids: tuple[UUID, ...] = ()
    body_ids: tuple[UUID, ...] = ()
    # The posts themselves: what is handed to one of them is its holder's own.
    position_ids: tuple[UUID, ...] = ()

    @property
    def filled(self) -> str:
        """Tell which lists hold something; it shapes a plan."""
        return "".join("1" if getattr(self, one.name) else "0" for one in fields(self))


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """A post that the caller holds today."""

    id: UUID
    kind_code: str
    person_id: UUID
    body_id: UUID | None
    place_id: UUID


@dataclass(frozen=True, slots=True)
class ActingTenant:
    """The tenant that a request acts in."""

    id: int
    uid: UUID
    slug: str
    kind: str
    name: str
    street_id: int | None
    district_id: int | None
    status: str
    time_zone: str
    grants_version: int
    # The body that represents it: who answers for a case when nobody else does.
    body_id: UUID | None = None


@dataclass(frozen=True)
class Grants:
    """All that one account may do in one tenant, until `valid_until` or a newer version."""

    tenant: ActingTenant | None
    account_id: UUID
    grants: frozenset[Grant] = frozenset()
    scopes: Mapping[str, Scope] = field(default_factory=lambda: MappingProxyType({}))
    positions: tuple[HeldPosition, ...] = ()
    valid_until: datetime = NEVER
    # Of each permission, the first post that grants it: the audit log names it.
    granting_posts: Mapping[str, UUID] = field(default_factory=lambda: MappingProxyType({}))
    # The grants in the tenant acted in, when what is written lies in another one, by a share of it: these decide.
    served_from: Grants | None = None

    @property
    def deciding(self) -> Grants:
        """The grants that decide: those in the tenant acted in."""
        return self.served_from or self

    def inside(self, tenant: ActingTenant) -> Grants:
        """Go into a tenant that something of is shared from, with no grant of its own there."""
        return Grants(tenant, self.account_id, granting_posts=self.granting_posts, served_from=self)

    def of(self, permission: str) -> tuple[Grant, ...]:
        """List the grants of a permission, in a settled order."""
        return self._by_permission.get(permission, ())

    def may(self, permission: str) -> bool:
        """Tell whether some position grants the permission at all."""
        return permission in self._by_permission

    def covers_all(self, permission: str) -> bool:
        """Tell whether some position grants the permission for every row of the acting tenant, unconditionally."""
        return any(
            grant.tenants == "acting" and grant.rows == "all" and not grant.condition for grant in self.of(permission)
        )

    @cached_property
    def _by_permission(self) -> dict[str, tuple[Grant, ...]]:
        found: dict[str, list[Grant]] = {}
        for grant in sorted(self.grants, key=lambda one: one.sort_key):
            found.setdefault(grant.permission, []).append(grant)
        return {permission: tuple(grants) for permission, grants in found.items()}

    @cached_property
    def fingerprint(self) -> str:
        """Name what shapes a plan, whatever it asks for."""
        return self._outline(self._by_permission.keys() | self.scopes.keys())

    def outline(self, permissions: frozenset[str]) -> str:
        """Name what shapes a plan that asks for these permissions alone."""
        found = self._outlines.get(permissions)
        if found is None:
            found = self._outlines[permissions] = self._outline(permissions)
        return found

    @cached_property
    def _outlines(self) -> dict[frozenset[str], str]:
        return {}

    def _outline(self, permissions: AbstractSet[str]) -> str:
        """Tell the kind of tenant, the grants, and which scope lists hold something; never an id."""
        parts = [self.tenant.kind if self.tenant else "-"]
        for permission in sorted(permissions):
            parts += [repr(grant) for grant in self.of(permission)]
            if permission in self.scopes:
                parts.append(f"{permission}:{self.scopes[permission].filled}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]

    @cached_property
    def entering(self) -> str:
        """Write the arguments of `app.enter` in SQL; the values are our own numbers and a UUID."""
        tenant = self.tenant
        acting, version = (int(tenant.id), int(tenant.grants_version)) if tenant else ("null", "null")
        return f"{acting}, '{self.account_id}', {version}"

    @cached_property
    def reach(self) -> str:
        """Name what can be reached: as the fingerprint, but with the ids of the places, bodies and posts."""
        parts = [self.fingerprint, str(self.tenant.id if self.tenant else None)]
        parts += [f"{permission}:{scope!r}" for permission, scope in sorted(self.scopes.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
