"""What may clients do with places?"""

from __future__ import annotations

import strawberry

from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, row_id, written
from schema.places.types import BuildingType, UnitType
from services.places.coding import set_building_code
from services.places.moving import move_building_to_grid, move_unit_to_grid


@strawberry.type(name="MoveBuildingPayload")
class MoveBuildingPayload(WrittenPayload):
    """The building moved, or why not."""

    building: BuildingType | None = written("Building")


@strawberry.type(name="MoveUnitPayload")
class MoveUnitPayload(WrittenPayload):
    """The unit moved, or why not."""

    unit: UnitType | None = written("Unit")


@strawberry.type(name="SetBuildingCodePayload")
class SetBuildingCodePayload(WrittenPayload):
    """The building with its code, or why not."""

    building: BuildingType | None = written("Building")


@strawberry.type
class PlaceMutations:
    """Moves between grids, and codes of buildings."""

    @strawberry.mutation(description="设置楼栋编码: the code on a building's sign; null takes it away.")
    async def set_building_code(
        self, info: GatewayInfo, building_id: strawberry.ID, code: str | None = None
    ) -> SetBuildingCodePayload:
        """Set a building's code."""
        return await perform(
            info,
            SetBuildingCodePayload,
            lambda work: set_building_code(work, building_id=row_id(building_id, "bld", work), code=code),
        )

    @strawberry.mutation(
        description="把楼栋划到另一网格: makes another grid a building's own; the units of its former grid go with it."
    )
    async def move_building(
        self, info: GatewayInfo, building_id: strawberry.ID, grid_id: strawberry.ID, reason: str | None = None
    ) -> MoveBuildingPayload:
        """Move a building."""
        return await perform(
            info,
            MoveBuildingPayload,
            lambda work: move_building_to_grid(
                work,
                building_id=row_id(building_id, "bld", work),
                grid_id=row_id(grid_id, "grd", work),
                reason=reason,
            ),
        )

    @strawberry.mutation(description="把单元划到另一网格: hangs one unit, with its dwellings, on another grid.")
    async def move_unit(
        self, info: GatewayInfo, unit_id: strawberry.ID, grid_id: strawberry.ID, reason: str | None = None
    ) -> MoveUnitPayload:
        """Move a unit."""
        return await perform(
            info,
            MoveUnitPayload,
            lambda work: move_unit_to_grid(
                work, unit_id=row_id(unit_id, "unt", work), grid_id=row_id(grid_id, "grd", work), reason=reason
            ),
        )
