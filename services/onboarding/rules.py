"""What makes a tenant a proper one, and which way may its status go? Pure rules, no storage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.divisions.rules import CODE_SYSTEMS, is_usual_code
from services.onboarding.errors import (
    AlreadyThere,
    CodeSystemMissing,
    ParentNotFound,
    ParentOfWrongKind,
    ReasonMissing,
    SlugInvalid,
    TenantNameInvalid,
    TenantNotInStatus,
    TimeZoneUnknown,
)

KIND_NAMES = {"district": "区", "street": "街道", "community": "社区"}
STATUS_NAMES = {"open": "开通", "suspended": "暂停", "closed": "关闭"}
PARENT_KINDS = {"district": None, "street": "district", "community": "street"}

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")
_COMMITTEE = re.compile(r"(?:居民|村民)?委员会$|[居村]委会$")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What is said of a tenant when it is opened."""

    slug: str
    name: str
    kind: str
    parent_slug: str | None = None
    # Some real offices have no code in any published list.
    code: str | None = None
    code_system: str | None = None
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class ParentTenant:
    """What of a tenant matters to those that hang under it."""

    id: int
    kind: str
    status: str
    street_id: int | None
    district_id: int | None


@dataclass(frozen=True, slots=True)
class ListedDivision:
    """What an imported list says of a code; no name when it does not have it."""

    name: str | None
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A way from some statuses to another."""

    verb: str
    action: str
    action_zh: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Move:
    """What is said of a move: who, under which office, and by what it was decided."""

    slug: str
    under: str
    reason: str


SUSPEND = StatusChange("suspend", "suspended", "暂停", ("open",), "suspended")
# Nothing was deleted when a tenant was closed, so that a tenant closed by mistake comes back whole.
RESUME = StatusChange("resume", "resumed", "恢复", ("suspended", "closed"), "open")
# It is moved while nobody writes in it.
MOVE = StatusChange("move", "moved", "调整", ("suspended", "closed"), "suspended")
CLOSE = StatusChange("close", "closed", "关闭", ("open", "suspended"), "closed")


def check_can_open(new: NewTenant, *, parent: ParentTenant | None) -> None:
    """Check a tenant before it is opened, given the parent found under the slug it names.

    Raises SlugInvalid, TenantNameInvalid, TimeZoneUnknown, CodeSystemMissing, ParentNotFound or
    ParentOfWrongKind.
    """
    if not _SLUG.fullmatch(new.slug):
        raise SlugInvalid(slug=new.slug)
    if not new.name.strip() or len(new.name) > _LONGEST_NAME or not new.name.isprintable():
        raise TenantNameInvalid(limit=_LONGEST_NAME)
    if new.code is not None and new.code_system not in CODE_SYSTEMS:
        raise CodeSystemMissing(system=new.code_system or "", division_code=new.code, known=", ".join(CODE_SYSTEMS))
    _check_time_zone(new.time_zone)
    if new.parent_slug is None:
        return
    _check_parent(new.kind, new.parent_slug, parent)


def check_can_move(move: Move, *, kind: str, parent_id: int | None, parent: ParentTenant | None) -> ParentTenant:
    """Check that a tenant of a kind may come under another office than the one it has, and give that office.

    Raises ReasonMissing, ParentNotFound, ParentOfWrongKind or AlreadyThere.
    """
    if not move.reason.strip():
        raise ReasonMissing
    found = _check_parent(kind, move.under, parent)
    if found.id == parent_id:
        raise AlreadyThere(slug=move.slug, under=move.under)
    return found


def _check_parent(kind: str, slug: str, parent: ParentTenant | None) -> ParentTenant:
    if parent is None or parent.status == "closed":
        raise ParentNotFound(slug=slug)
    if PARENT_KINDS[kind] != parent.kind:
        raise ParentOfWrongKind(kind=kind, kind_zh=KIND_NAMES[kind], slug=slug)
    return parent


def _check_time_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeZoneUnknown(time_zone=time_zone) from error


def check_can_change(change: StatusChange, *, name: str, status: str) -> None:
    """Check that a tenant may go the given way from where it is. Raises TenantNotInStatus."""
    if status not in change.sources:
        raise TenantNotInStatus(
            name=name,
            status=status,
            status_zh=STATUS_NAMES[status],
            action=change.action,
            action_zh=change.action_zh,
        )


def street_of(new: NewTenant, *, tenant_id: int, parent: ParentTenant | None) -> int | None:
    """Tell the id of the street that a new tenant is or lies in."""
    if new.kind == "street":
        return tenant_id
    return parent.street_id if parent and new.kind == "community" else None


def district_of(new: NewTenant, *, tenant_id: int, parent: ParentTenant | None) -> int | None:
    """Tell the id of the district that a new tenant is or lies in."""
    if new.kind == "district":
        return tenant_id
    return parent.district_id if parent else None


def list_oddities(new: NewTenant, *, parent_code: str | None, division: ListedDivision | None) -> list[str]:
    """List what is odd about a new tenant; only ever warnings, since real offices are odd at times.

    The division is the one of its code, nameless when the imported list has none, and None when there is no list.
    """
    found = []
    if PARENT_KINDS[new.kind] is not None and new.parent_slug is None:
        found.append(f"{new.slug} has no parent, so no office above reads its structure until it is moved")
    if new.code is None:
        return found
    if not is_usual_code(new.code, level=new.kind):
        found.append(f"{new.code} has an unusual length or block for a {new.kind}")
    if division is None:
        return found
    if division.name is None:
        return [*found, f"{new.code} is not in the imported list of {new.code_system}"]
    if _core(division.name) != _core(new.name):
        found.append(f"{new.code} is {division.name} in the imported list, not {new.name.strip()}")
    if parent_code is not None and division.parent_code != parent_code:
        found.append(
            f"{new.code} lies in {division.parent_code} in the imported list, and {new.parent_slug} is {parent_code}"
        )
    return found


def _core(name: str) -> str:
    """Leave out of a name what lists add or drop: 西园社区居民委员会, 西园居委会 and 西园社区 are one."""
    core = _COMMITTEE.sub("", name.strip())
    return core.removesuffix("办事处").removesuffix("社区").removesuffix("村")
