"""How does a tenant change what its posts grant, and what can it never change?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from services.positions.errors import OverrideInvalid, OwnGrants, PositionKindInvalid, PositionKindUnknown
from services.positions.policies import NewKind, add_position_kind, override_grant, remove_override
from services.positions.tables import PositionKind
from tenants.errors import Forbidden, NotFound, Refused
from tenants.grants import Grants
from tenants.policies.roles import ALLOW, ANY, DENY, Override
from tenants.policies.tables import PolicyOverride
from tests.services.positions.town import Town

POLICE = NewKind("community-police", "社区民警", "Community police", "grid-worker", "负责网格治安", 45)
HIDE = Override("grid-worker", "contact:reveal", ANY, ANY, DENY)
SHOW = Override("building-leader", "resident:read", "place", "", ALLOW)


async def override(town: Town, grants: Grants, wanted: Override) -> None:
    async with town.workshop.work(grants) as work:
        await override_grant(work, override=wanted)


async def stored(town: Town) -> set[tuple[object, ...]]:
    """Tell tenant and content of every override."""
    async with town.owner.connect() as connection:
        rows = await connection.execute(select(PolicyOverride))
        return {(row.tenant_id, row.kind_code, row.permission, row.rows, row.condition, row.effect) for row in rows}


async def refused(town: Town, grants: Grants, refusal: type[Refused], wanted: Override) -> None:
    before = await stored(town)
    with pytest.raises(refusal):
        await override(town, grants, wanted)
    assert await stored(town) == before


async def test_gives_and_takes_within_the_tenant_and_has_grants_loaded_anew(town: Town) -> None:
    for wanted in (HIDE, SHOW):
        await override(town, await town.grants("admin", "qingcheng"), wanted)

    assert await stored(town) == {
        (3, "grid-worker", "contact:reveal", "*", "*", "deny"),
        (3, "building-leader", "resident:read", "place", "", "allow"),
    }
    assert [(await town.tenant(slug)).grants_version for slug in ("qingcheng", "zhongshan")] == [3, 1]


async def test_the_later_word_replaces_the_earlier(town: Town) -> None:
    for wanted in (SHOW, replace(SHOW, effect=DENY)):
        await override(town, await town.grants("admin", "qingcheng"), wanted)

    assert await stored(town) == {(3, "building-leader", "resident:read", "place", "", "deny")}


async def test_removing_lets_the_starting_grants_hold_again(town: Town) -> None:
    await override(town, await town.grants("admin", "qingcheng"), HIDE)
    elsewhere, here = await town.grants("admin", "zhongshan"), await town.grants("admin", "qingcheng")
    words = {"permission": "contact:reveal", "rows": ANY, "condition": ANY}

    async with town.workshop.work(here) as work:
        await remove_override(work, kind_code="grid-worker", **words)
    with pytest.raises(NotFound):
        async with town.workshop.work(elsewhere) as work:
            await remove_override(work, kind_code="grid-worker", **words)

    assert await stored(town) == set()
    assert (await town.tenant("qingcheng")).grants_version == 3


@pytest.mark.parametrize("caller", ["worker", "committee-chair", "auditor", "party-secretary"])
async def test_is_for_those_who_edit_settings_alone(caller: str, town: Town) -> None:
    grants = await town.grants(caller, "qingcheng")

    await refused(town, grants, Forbidden, SHOW)
    with pytest.raises(Forbidden):
        async with town.workshop.work(grants) as work:
            await add_position_kind(work, new=POLICE)


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        (PositionKindUnknown, replace(SHOW, kind_code="mayor")),
        (PositionKindUnknown, replace(SHOW, kind_code="officer")),
        (OverrideInvalid, replace(SHOW, permission="resident:sell")),
        (OverrideInvalid, replace(SHOW, rows="subtree")),
        (OverrideInvalid, replace(SHOW, rows=ANY)),
        (OverrideInvalid, replace(SHOW, condition=ANY)),
        (OverrideInvalid, replace(SHOW, condition="contract_in_force")),
        (OverrideInvalid, replace(SHOW, effect="maybe")),
        (OwnGrants, replace(SHOW, kind_code="admin")),
    ],
)
async def test_refuses_what_cannot_be(refusal: type[Refused], wanted: Override, town: Town) -> None:
    await refused(town, await town.grants("admin", "qingcheng"), refusal, wanted)


async def test_adds_a_kind_of_the_tenants_own(town: Town) -> None:
    async with town.workshop.work(await town.grants("admin", "qingcheng")) as work:
        await add_position_kind(work, new=POLICE)
    await town.appoint(await town.grants("admin", "qingcheng"), "community-police", "qingcheng/第一网格")

    async with town.owner.connect() as connection:
        kind = (await connection.execute(select(PositionKind).where(PositionKind.code == POLICE.code))).one()
    assert (kind.tenant_id, kind.name, kind.grants_as) == (3, "社区民警", "grid-worker")
    assert (kind.place_kinds, kind.board_rank) == ("grid", 45)
    assert [post[0] for post in await town.positions()] == ["community-police"]


async def test_another_tenants_kind_is_unknown_here(town: Town) -> None:
    async with town.workshop.work(await town.grants("admin", "qingcheng")) as work:
        await add_position_kind(work, new=POLICE)

    await refused(
        town, await town.grants("admin", "zhongshan"), PositionKindUnknown, replace(SHOW, kind_code=POLICE.code)
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "Police"},
        {"code": "worker"},
        {"code": "officer"},
        {"code": "p"},
        {"copies": "officer"},
        {"copies": "mayor"},
        {"name": " "},
        {"name_en": "x" * 31},
        {"duties": ""},
        {"board_rank": 9999},
        {"board_rank": -1},
    ],
)
async def test_refuses_kinds_that_will_not_do(changed: dict[str, object], town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")

    with pytest.raises(PositionKindInvalid):
        async with town.workshop.work(admin) as work:
            await add_position_kind(work, new=replace(POLICE, **changed))  # type: ignore[arg-type]


async def test_refuses_a_code_twice(town: Town) -> None:
    admin = await town.grants("admin", "qingcheng")
    async with town.workshop.work(admin) as work:
        await add_position_kind(work, new=POLICE)

    with pytest.raises(PositionKindInvalid):
        async with town.workshop.work(admin) as work:
            await add_position_kind(work, new=POLICE)
