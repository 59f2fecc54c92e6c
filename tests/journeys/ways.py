"""What do journeys of the ways in start from? Grids with boundaries, people to speak for, files of tickets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from services.places.coordinates import to_gcj02
from tests.fixtures.demo import Demo
from tests.fixtures.gateway import MASTER_KEY
from tests.services.boundaries.shapes import SOUTH, STEP, WEST, grids

TICKET_HEADER = "工单编号,诉求标题,诉求内容,事项分类,诉求类型,来电人,联系电话,诉求地址,受理时间,办理时限,是否保密\n"
_IMPORT = """
mutation ($fileId: ID!, $system: String!, $dryRun: Boolean!, $fallback: String, $skip: Boolean!, $key: String) {
  importTickets(idempotencyKey: $key, input: {fileId: $fileId, system: $system, dryRun: $dryRun, skipBadRows: $skip,
    fallbackCategoryCode: $fallback}) {
    import { id status system rowsRead createdCount knownCount badRowCount
      problems { totalCount nodes { sheet row column header code value message } } }
    errors { code field }
  }
}
"""
_HEAD = """
select 'per_' || h.tenant_id || '_' || h.head_id from households h
join places d on d.tenant_id = h.tenant_id and d.id = h.dwelling_id join tenants t on t.id = h.tenant_id
where t.slug = $1 and h.head_id is not null and h.until is null and ($2::uuid is null or (d.grid_id = $2) = $3)
order by d.sort_key, h.id limit 1
"""


async def run_command(demo: Demo, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    """Run one of the operator's commands on the demo's database."""
    monkeypatch.setenv("JINLIN_DATABASE_URL", demo.database.gateway_url)
    monkeypatch.setenv("JINLIN_OWNER_URL", demo.database.owner_url)
    monkeypatch.setenv("JINLIN_MASTER_KEY", MASTER_KEY)
    # The command brings an event loop of its own.
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def grids_of(demo: Demo, slug: str) -> list[tuple[str, str]]:
    """List id and name of a community's grids, in the order of lists."""
    rows = await demo.owner.fetch(
        """select p.tenant_id, p.id, p.name from places p join tenants t on t.id = p.tenant_id
           where t.slug = $1 and p.kind = 'grid' order by p.sort_key, p.id""",
        slug,
    )
    return [(f"grd_{row['tenant_id']}_{row['id']}", row["name"]) for row in rows]


async def draw_grids(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, path: Path, slugs: Sequence[str]
) -> dict[str, list[tuple[str, str]]]:
    """Give the grids of communities boundaries: squares side by side, the same in each community."""
    drawn = {}
    for slug in slugs:
        drawn[slug] = await grids_of(demo, slug)
        file = path / f"{slug}.geojson"
        file.write_bytes(grids([(name, (at, 0, at + 1, 1)) for at, (_, name) in enumerate(drawn[slug])]))
        done = await run_command(demo, monkeypatch, "import", "boundaries", str(file), "--tenant", slug)
        assert done.exit_code == 0, done.stderr
    return drawn


def point(step: float, north: float = 0.5, *, system: str = "CGCS2000") -> dict[str, Any]:
    """Name a point in a square, as a case's location."""
    longitude, latitude = WEST + step * STEP, SOUTH + north * STEP
    if system == "GCJ02":
        longitude, latitude = to_gcj02(longitude, latitude)
    return {"point": {"longitude": longitude, "latitude": latitude, "system": system, "text": "路口东侧"}}


async def somebody(demo: Demo, slug: str, *, grid: str | None = None, inside: bool = True) -> str:
    """Name the head of a household, in or out of a grid."""
    found: str = await demo.owner.fetchval(_HEAD, slug, grid.rpartition("_")[2] if grid else None, inside)
    return found


async def take_in_tickets(demo: Demo, account: str, lines: str | bytes, **given: object) -> dict[str, Any]:
    """Upload a file of tickets and import it; `given` are further variables, among them the id of a file."""
    if "fileId" not in given:
        content = lines if isinstance(lines, bytes) else (TICKET_HEADER + lines).encode()
        uploaded = await demo.upload(account, content, name="工单.csv", purpose="TICKETS")
        assert uploaded.status_code == 201, uploaded.text
        given["fileId"] = uploaded.json()["id"]
    variables = {"system": "12345", "dryRun": False, "skip": False, **given}
    answer = await demo.ask(account, _IMPORT, variables)
    assert "errors" not in answer.json(), answer.text
    found: dict[str, Any] = answer.json()["data"]["importTickets"]
    return found


async def cases_of(demo: Demo, system: str = "12345") -> list[dict[str, Any]]:
    """List what is stored of tickets of a system, by their numbers and tenants."""
    rows = await demo.owner.fetch(
        """select t.slug, d.external_number as number, d.title, d.place_text, c.source, c.kind, c.needs_call_back,
                  c.due_at, c.reported_at, d.building_id is not null as has_building, g.code as category,
                  p.name_masked as name, p.phone_masked as phone, d.is_confidential,
                  'cas_' || c.tenant_id || '_' || c.id as id
           from cases c join case_details d on d.tenant_id = c.tenant_id and d.id = c.id
           join tenants t on t.id = c.tenant_id
           join case_categories g on g.tenant_id = c.tenant_id and g.id = c.category_id
           left join people p on p.tenant_id = d.tenant_id and p.id = d.reporter_id
           where d.external_system = $1 order by d.external_number, t.slug""",
        system,
    )
    return [dict(row) for row in rows]
