"""How does a tenant change what its kinds of position grant, and add kinds of its own?"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from services.positions.errors import OverrideInvalid, OwnGrants, PositionKindInvalid, PositionKindUnknown
from services.positions.kinds import all_starting_kinds, starting_kinds
from services.positions.queries import kind_of
from services.positions.tables import OFF_THE_BOARD, PositionKind
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.permissions import bump_grants_version
from tenants.policies.roles import ALLOW, ANY, DENY, ROWS, Override, conditions, enforced, is_enforced, permissions
from tenants.policies.tables import PolicyOverride
from tenants.work import TenantWork

PERMISSION = "settings:edit"
LONGEST_NAME = 30
LONGEST_DUTIES = 500
_CODE = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class NewKind:
    """A kind of position of the tenant's own, for example a mediator or a community police officer."""

    code: str
    name: str
    name_en: str
    # The starting kind whose grants, places and bodies it takes over.
    copies: str
    duties: str | None = None
    # Where it stands on the duty board; None keeps it off.
    board_rank: int | None = None


async def add_position_kind(work: TenantWork, *, new: NewKind) -> uuid.UUID:
    """Add a kind of position that takes its grants from a starting kind.

    Raises Forbidden, PositionKindInvalid.
    """
    work.require(PERMISSION)
    copied = next((kind for kind in starting_kinds(work.tenant.kind) if kind.code == new.copies), None)
    if copied is None:
        raise PositionKindInvalid(
            reason_zh=f"没有可参照的起始类型“{new.copies:.40}”",
            reason_en=f"there is no starting kind {new.copies:.40} to copy",
            field="copies",
        )
    _check_kind(new)
    await work.take_turn(f"position kind {new.code}")
    if await work.session.scalar(kind_of(work.tenant.id, code=new.code)) is not None:
        raise PositionKindInvalid(reason_zh="代码已被使用", reason_en="its code is taken", field="code")
    kind = PositionKind(
        tenant_id=work.tenant.id,
        street_id=work.tenant.street_id,
        district_id=work.tenant.district_id,
        id=work.new_id(),
        code=new.code,
        name=new.name.strip(),
        name_en=new.name_en.strip(),
        grants_as=copied.code,
        duties=new.duties,
        place_kinds=",".join(copied.place_kinds),
        body_kinds=",".join(copied.body_kinds),
        board_rank=new.board_rank,
        is_party_post=copied.is_party_post,
    )
    work.session.add(kind)
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "PositionKind", kind.id))
    return kind.id


async def override_grant(work: TenantWork, *, override: Override) -> uuid.UUID:
    """Give a permission to a kind of position, or take one from it, within the tenant's own walls.

    What was said before of the same permission, rows and condition is replaced.
    Raises Forbidden, PositionKindUnknown, OverrideInvalid, OwnGrants.
    """
    work.require(PERMISSION)
    kind = await _others_kind(work, override.kind_code)
    _check_override(override)
    row = await work.session.scalar(
        select(PolicyOverride)
        .where(
            PolicyOverride.tenant_id == work.tenant.id,
            PolicyOverride.kind_code == kind.code,
            PolicyOverride.permission == override.permission,
            PolicyOverride.rows == override.rows,
            PolicyOverride.condition == override.condition,
        )
        .with_for_update()
    )
    if row is None:
        row = PolicyOverride(
            tenant_id=work.tenant.id,
            id=work.new_id(),
            kind_code=kind.code,
            permission=override.permission,
            rows=override.rows,
            condition=override.condition,
        )
        work.session.add(row)
    row.effect = override.effect
    await _finish(work, kind)
    return kind.id


async def remove_override(work: TenantWork, *, kind_code: str, permission: str, rows: str, condition: str) -> uuid.UUID:
    """Let the starting grants hold again where an override changed them.

    Raises Forbidden, PositionKindUnknown, NotFound, OwnGrants.
    """
    work.require(PERMISSION)
    kind = await _others_kind(work, kind_code)
    row = await work.session.scalar(
        select(PolicyOverride)
        .where(
            PolicyOverride.tenant_id == work.tenant.id,
            PolicyOverride.kind_code == kind_code,
            PolicyOverride.permission == permission,
            PolicyOverride.rows == rows,
            PolicyOverride.condition == condition,
        )
        .with_for_update()
    )
    if row is None:
        raise NotFound
    await work.session.delete(row)
    await _finish(work, kind)
    return kind.id


async def _others_kind(work: TenantWork, code: str) -> PositionKind:
    # Two changes of one kind wait here for each other.
    locked = kind_of(work.tenant.id, code=code).with_for_update(key_share=True)
    kind = await work.session.scalar(locked)
    if kind is None:
        raise PositionKindUnknown(kind=code, field="kind")
    # A kind also grants what is given to the starting kind that it copies.
    held = {position.kind_code for position in work.grants.positions}
    copied = select(PositionKind.grants_as).where(PositionKind.tenant_id == work.tenant.id, PositionKind.code.in_(held))
    if code in held or code in (await work.session.scalars(copied)).all():
        raise OwnGrants(kind=kind.name, field="kind")
    return kind


def _check_kind(new: NewKind) -> None:
    faults = (
        (
            not _CODE.fullmatch(new.code),
            "code",
            "代码用小写字母、数字和连字符",
            "its code is of small letters, digits and hyphens",
        ),
        (new.code in {kind.code for kind in all_starting_kinds()}, "code", "代码已被使用", "its code is taken"),
        (not _is_short(new.name, LONGEST_NAME), "name", "名称过长或为空", "its name is empty or too long"),
        (
            not _is_short(new.name_en, LONGEST_NAME),
            "nameEn",
            "英文名过长或为空",
            "its English name is empty or too long",
        ),
        (
            new.duties is not None and not _is_short(new.duties, LONGEST_DUTIES),
            "duties",
            "职责过长或为空",
            "its duties are empty or too long",
        ),
        (
            new.board_rank is not None and not 0 <= new.board_rank < OFF_THE_BOARD,
            "boardRank",
            "公示顺序为 0 到 9998",
            "its board rank is from 0 to 9998",
        ),
    )
    for is_fault, field, zh, en in faults:
        if is_fault:
            raise PositionKindInvalid(reason_zh=zh, reason_en=en, field=field)


def _is_short(text: str, limit: int) -> bool:
    return bool(text.strip()) and len(text) <= limit and text.isprintable()


def _check_override(override: Override) -> None:
    allowed_rows = (*ROWS, ANY) if override.effect == DENY else ROWS
    faults = (
        (override.permission not in permissions(), "permission", "没有这项权限", "there is no such permission"),
        (override.effect not in (ALLOW, DENY), "effect", "只能是 allow 或 deny", "it is allow or deny"),
        (override.rows not in allowed_rows, "rows", "范围只能是 own、place、all", "its rows are own, place or all"),
        (not _is_known_condition(override), "condition", "没有这个条件", "there is no such condition"),
        (
            not is_enforced(override),
            "rows",
            f"这项权限只能这样给予：{_possible(override.permission)}",
            f"this permission can be given as: {_possible(override.permission)}",
        ),
    )
    for is_fault, field, zh, en in faults:
        if is_fault:
            raise OverrideInvalid(reason_zh=zh, reason_en=en, field=field)


def _possible(permission: str) -> str:
    told = (f"{rows} {condition}".strip() for name, rows, condition in sorted(enforced()) if name == permission)
    return ", ".join(told)


def _is_known_condition(override: Override) -> bool:
    if override.effect == DENY and override.condition == ANY:
        return True
    return override.condition in conditions(override.permission)


async def _finish(work: TenantWork, kind: PositionKind) -> None:
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "PositionKind", kind.id))
    await bump_grants_version(work)
