"""Who asked for a dwelling in the least world a test needs? The same in every community, under the same ids."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.residents.tables import Residency

if TYPE_CHECKING:
    from tests.make import World

_ASKED = datetime(2026, 5, 20, 4, tzinfo=UTC)
_DECIDED = datetime(2026, 5, 21, 4, tzinfo=UTC)


def residencies_of(world: World, slug: str) -> Iterator[Residency]:
    """Make a residency that has ended and one that waits, each another account's."""
    for number, account, dwelling, applicant in (
        (0, "worker", "1号楼1单元101室", "钱"),
        (1, "resident", "2号楼2单元201室", "周"),
    ):
        yield Residency(
            tenant_id=world.tenants[slug].id,
            id=uuid.UUID(f"0190a000-0000-7000-8000-0000000de5{number:02x}"),
            account_id=world.accounts[account],
            account_name=f"{account}的账号",
            applicant_id=world.people[f"{slug}/{applicant}"],
            dwelling_id=world.places[f"{slug}/{dwelling}"],
            relation="OWNER",
            requested_at=_ASKED,
            matched_person_id=world.people[f"{slug}/{applicant}"],
            matched_by="NAME",
            **({"status": "REQUESTED"} if number else _ended(world)),
        )


def _ended(world: World) -> dict[str, object]:
    return {
        "status": "ENDED",
        "decided_at": _DECIDED,
        "decided_by_id": world.accounts["grid-worker"],
        "reason": "已核实",
        "ended_at": _DECIDED,
        "ended_by_id": world.accounts["worker"],
    }
