"""Which kinds of position does a tenant start with? They are data: each tenant has its own copy, and adds to it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from services.positions.tables import PositionKind
from tenants.database import new_id
from tenants.inserting import insert_rows

_FILE = Path(__file__).with_name("kinds.csv")


@dataclass(frozen=True, slots=True)
class StartingKind:
    """A kind of position that every tenant of some kinds starts with."""

    code: str
    name: str
    name_en: str
    tenant_kinds: tuple[str, ...]
    place_kinds: tuple[str, ...]
    body_kinds: tuple[str, ...]
    # Where it stands on the duty board (两长多员公示牌); None keeps it off.
    board_rank: int | None
    is_party_post: bool
    duties: str | None


@cache
def all_starting_kinds() -> tuple[StartingKind, ...]:
    """List the starting kinds of all tenants."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_kind(line) for line in csv.DictReader(file))


def starting_kinds(tenant_kind: str) -> tuple[StartingKind, ...]:
    """List the kinds of position that a tenant of this kind starts with."""
    return tuple(kind for kind in all_starting_kinds() if tenant_kind in kind.tenant_kinds)


async def copy_starting_kinds(
    connection: AsyncConnection,
    *,
    tenant_id: int,
    tenant_kind: str,
    street_id: int | None,
    district_id: int | None,
) -> None:
    """Give a tenant its own copy of the starting kinds that it lacks, as the owner; a code that is taken stays so."""
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "street_id": street_id,
            "district_id": district_id,
            "code": kind.code,
            "name": kind.name,
            "name_en": kind.name_en,
            "grants_as": kind.code,
            "duties": kind.duties,
            "place_kinds": ",".join(kind.place_kinds),
            "body_kinds": ",".join(kind.body_kinds),
            "board_rank": kind.board_rank,
            "is_party_post": kind.is_party_post,
        }
        for kind in starting_kinds(tenant_kind)
    ]
    await insert_rows(connection, PositionKind, rows, keeps=True)


def _kind(line: dict[str, str]) -> StartingKind:
    return StartingKind(
        line["code"],
        line["name"],
        line["name_en"],
        _listed(line["tenant_kinds"]),
        _listed(line["place_kinds"]),
        _listed(line["body_kinds"]),
        int(line["board_rank"]) if line["board_rank"] else None,
        line["is_party_post"] == "true",
        line["duties"] or None,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
