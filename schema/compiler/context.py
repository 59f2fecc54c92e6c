"""What does a request bring that a compiled statement binds: who asks, where, and on which day?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import ARRAY, Date, DateTime, Integer, Text, Uuid, any_, bindparam, false, or_
from sqlalchemy.dialects.postgresql import JSON

from tenants.access import AccessNote
from tenants.work import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from tenants.access import AccessKey
    from tenants.grants import Grant, Grants

# Named in declarations wherever the request itself is meant.
ACTING_TENANT = bindparam("acting_tenant", type_=Integer)
ACTING_STREET = bindparam("acting_street", type_=Integer)
ACTING_DISTRICT = bindparam("acting_district", type_=Integer)
ACCOUNT = bindparam("account", type_=Uuid)
# The bodies for which the caller reads what is shared with them.
SERVED_BODIES = bindparam("served_bodies", type_=ARRAY(Uuid))
TODAY = bindparam("today", type_=Date)
# The instant as of which shares and due times are told.
NOW = bindparam("now", type_=DateTime(timezone=True))
LANGUAGE = bindparam("language", type_=Text)
GRANTS_JSON = bindparam("grants_json", type_=JSON)
CURSOR_SECRET = bindparam("cursor_secret", type_=Text)
# Lets the caller's browser fetch files by their addresses alone.
ACCESS = bindparam("access", type_=Text)

# Cases are what is shared with bodies.
_READ_SHARED = "case:read"
SCOPE_LISTS = ("grid_ids", "building_ids", "estate_ids", "dwelling_ids", "body_ids", "position_ids")


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request: the caller's grants, local day and instant, the secret of its cursors, the tenant's index keys."""

    grants: Grants
    today: date
    cursor_secret: str
    language: str = "zh"
    # (purpose, plain text) -> the blind index to search by.
    blind_index: Callable[[str, str], bytes] | None = None
    now: datetime = field(default_factory=utc_now)
    access: AccessKey | None = None

    def access_note(self) -> str:
        """Sign the note that this request's addresses of files bear."""
        tenant = self.grants.tenant
        if self.access is None or tenant is None:
            return ""
        return self.access.sign(AccessNote(self.grants.account_id, tenant.id), at=self.now)


def _tenant(part: str) -> Callable[[RequestContext], Any]:
    return lambda context: getattr(context.grants.tenant, part, None)


def _served_bodies(context: RequestContext) -> list[Any]:
    scope = context.grants.scopes.get(_READ_SHARED)
    return [] if scope is None else list(scope.body_ids)


@lru_cache(maxsize=1024)
def _as_json(grants: frozenset[Grant]) -> bytes:
    listed = sorted(grants, key=lambda grant: (grant.permission, grant.tenants, grant.rows, grant.condition))
    return orjson.dumps([asdict(grant) for grant in listed])


CONTEXT_VALUES: Mapping[str, Callable[[RequestContext], Any]] = {
    "acting_tenant": _tenant("id"),
    "acting_street": _tenant("street_id"),
    "acting_district": _tenant("district_id"),
    "account": lambda context: context.grants.account_id,
    "served_bodies": _served_bodies,
    "today": lambda context: context.today,
    "now": lambda context: context.now,
    "language": lambda context: context.language,
    "grants_json": lambda context: _as_json(context.grants.grants),
    "cursor_secret": lambda context: context.cursor_secret,
    "access": lambda context: context.access_note(),
}


@dataclass(frozen=True, slots=True)
class ScopeBinds:
    """The places of one permission as bound lists; an empty one is not there at all."""

    permission: str
    filled: frozenset[str]

    def holds(self, column: Any, scope_list: str) -> Any | None:
        """Ask that the column lies in one of the scope's lists; None when that list is empty."""
        if scope_list not in self.filled:
            return None
        return column == any_(bindparam(scope_name(self.permission, scope_list), type_=ARRAY(Uuid)))

    def holds_any(self, **columns: Any) -> Any:
        """Ask that one of the columns, given by the name of its scope list, lies in that list."""
        asked = [self.holds(column, scope_list) for scope_list, column in columns.items()]
        return or_(false(), *(condition for condition in asked if condition is not None))


def scope_name(permission: str, scope_list: str) -> str:
    """Name the bound list of places that a permission holds for."""
    return f"scope_{permission.replace(':', '_')}_{scope_list}"


@lru_cache(maxsize=1024)
def scope_values(permissions: frozenset[str]) -> Mapping[str, Callable[[RequestContext], Any]]:
    """Tell how to find each bound list of places of some permissions in a request."""

    def getter(permission: str, scope_list: str) -> Callable[[RequestContext], Any]:
        return lambda context: list(getattr(context.grants.scopes[permission], scope_list))

    return {
        scope_name(permission, scope_list): getter(permission, scope_list)
        for permission in permissions
        for scope_list in SCOPE_LISTS
    }
