"""How does a building come by the code on its sign, by which residents say where they live?"""

from __future__ import annotations

import uuid

from sqlalchemy import select

from services.places.errors import BuildingCodeInvalid, BuildingCodeTaken
from services.places.tables import Place
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.work import TenantWork

PERMISSION = "register:edit"
LONGEST_CODE = 40


async def set_building_code(work: TenantWork, *, building_id: uuid.UUID, code: str | None) -> uuid.UUID:
    """Give a building a code that no other building of the tenant has, or take it away.

    Raises Forbidden, NotFound, BuildingCodeInvalid, BuildingCodeTaken.
    """
    work.require(PERMISSION)
    buildings = (Place.tenant_id == work.tenant.id, Place.kind == "building")
    building = await work.session.scalar(select(Place).where(*buildings, Place.id == building_id).with_for_update())
    if building is None:
        raise NotFound(field="buildingId")
    if code is not None:
        _check_code(code)
        await work.take_turn("building codes")
        other = await work.session.scalar(select(Place).where(*buildings, Place.code == code, Place.id != building_id))
        if other is not None:
            raise BuildingCodeTaken(name=other.address, field="code")
    building.code = code
    await work.session.flush()
    await work.record(AuditEntry("building:code", "Building", building.id))
    return building.id


def _check_code(code: str) -> None:
    if not 0 < len(code) <= LONGEST_CODE or not code.isprintable() or any(sign.isspace() for sign in code):
        raise BuildingCodeInvalid(limit=LONGEST_CODE, field="code")
