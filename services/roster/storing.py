"""How are a roster's changes stored: places from the outside in, then people, then what ties them together?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from services.people.tables import DwellingHolder, Household, Person
from services.places.commands import recount_buildings
from services.places.tables import GridMove, Place
from services.positions.tables import Position
from services.roster.changes import Changes, Move, PlaceChanges, Record, ResidentChanges, RosterChanges
from services.roster.files import Progress
from services.roster.known import HolderRecord, HouseholdRecord, PlaceRecord, PostRecord
from services.roster.sealing import SealedPeople
from services.roster.writing import columns_of, delete_all, insert_all, row_ids, take, update_all
from tenants.database import TenantTable
from tenants.work import TenantWork


@dataclass(slots=True)
class ChangeStore:
    """Stores all changes of one roster within one unit of work: places, residents, and then the recount."""

    work: TenantWork
    progress: Progress | None = None
    # How many records are written, and how many there will be, as far as is known.
    stored: int = 0
    total: int = 0

    async def store_places(self, places: PlaceChanges) -> None:
        """Store estates, grids, buildings, units and dwellings, and which of them went to another grid."""
        for kind in places.kinds():
            await self._store(Place, kind, PlaceRecord._fields)
        moves = [
            (move_id, *move) for move_id, move in zip(take(row_ids(), len(places.moves)), places.moves, strict=True)
        ]
        columns = columns_of(moves, ("id", *Move._fields))
        await insert_all(
            self.work,
            GridMove,
            columns={**columns, "moved_at": [self.work.now()] * len(moves), "reason": ["花名册导入"] * len(moves)},
        )

    async def store_residents(self, residents: ResidentChanges, people: SealedPeople) -> None:
        """Store people and then whatever ties them to the places, which are there already."""
        await insert_all(self.work, Person, columns=people.created, written=self._tell)
        for columns in people.changed:
            await update_all(self.work, Person, columns=columns)
        await delete_all(self.work, DwellingHolder, ids=residents.holders_gone)
        await self._store(DwellingHolder, residents.holders, HolderRecord._fields)
        ended = columns_of(residents.households_ended, HouseholdRecord._fields)
        await update_all(self.work, Household, columns=ended)
        await self._store(Household, residents.households, HouseholdRecord._fields)
        await self._store(Position, residents.posts, PostRecord._fields)

    async def recount(self, changes: RosterChanges) -> None:
        """Recount the buildings that the changes touch, as the last step."""
        # The planner takes what nobody has analysed yet for a few rows, and would loop over all for each of them.
        await self.work.session.execute(text("set local enable_nestloop = off"))
        await recount_buildings(self.work, building_ids=_touched_buildings(changes))
        await self.work.session.execute(text("set local enable_nestloop = on"))

    async def _store(self, table: type[TenantTable], changes: Changes[Record], names: Sequence[str]) -> None:
        await insert_all(self.work, table, columns=columns_of(changes.created, names), written=self._tell)
        await update_all(self.work, table, columns=columns_of(changes.changed, names))

    def _tell(self, count: int) -> None:
        self.stored += count
        if self.progress:
            self.progress("writing", self.stored, self.total)


def _touched_buildings(changes: RosterChanges) -> set[uuid.UUID]:
    places, residents = changes.places, changes.residents
    touched = {
        record.building_id or record.id
        for kind in (places.buildings, places.units, places.dwellings)
        for record in (*kind.created, *kind.changed)
    }
    if residents.households.created or residents.households_ended:
        touched |= {building_id for building_id in places.building_ids if building_id}
    return touched
