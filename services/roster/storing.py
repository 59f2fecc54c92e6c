"""How are a roster's changes stored: places from the outside in, then people, then what ties them together?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from services.people.tables import DwellingHolder, Household, Person
from services.places.commands import recount_buildings
from services.places.tables import GridMove, Place
from services.positions.tables import Position
from services.roster.changes import Changes, Move, Record, RosterChanges
from services.roster.contents import Roster
from services.roster.known import HolderRecord, HouseholdRecord, PersonRecord, PlaceRecord, PostRecord
from services.roster.writing import columns_of, delete_all, insert_all, row_ids, take, update_all
from tenants.database import TenantTable
from tenants.sealing.masks import mask_identity_number, mask_name, mask_phone
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

# Called with what is done ("reading", "comparing", "writing"), how much of it, and how much there is.
Progress = Callable[[str, int, int], None]

_MASKS = {
    Purpose.NAME: mask_name,
    Purpose.PHONE: mask_phone,
    Purpose.IDENTITY: mask_identity_number,
}


@dataclass(slots=True)
class ChangeStore:
    """Stores all changes of one roster within one unit of work."""

    work: TenantWork
    roster: Roster
    sealer: TenantSealer
    changes: RosterChanges
    progress: Progress | None = None
    _stored: int = field(default=0)

    async def store(self) -> None:
        """Store everything, and recount the buildings that it touches."""
        places, residents = self.changes.places, self.changes.residents
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
        await self._store_people()
        await delete_all(self.work, DwellingHolder, ids=residents.holders_gone)
        await self._store(DwellingHolder, residents.holders, HolderRecord._fields)
        ended = columns_of(residents.households_ended, HouseholdRecord._fields)
        await update_all(self.work, Household, columns=ended)
        await self._store(Household, residents.households, HouseholdRecord._fields)
        await self._store(Position, residents.posts, PostRecord._fields)
        await self._recount()

    async def _recount(self) -> None:
        # The planner takes what nobody has analysed yet for a few rows, and would loop over all for each of them.
        await self.work.session.execute(text("set local enable_nestloop = off"))
        await recount_buildings(self.work, building_ids=self._touched_buildings())
        await self.work.session.execute(text("set local enable_nestloop = on"))

    async def _store(self, table: type[TenantTable], changes: Changes[Record], names: Sequence[str]) -> None:
        await insert_all(self.work, table, columns=columns_of(changes.created, names), written=self._tell)
        await update_all(self.work, table, columns=columns_of(changes.changed, names))

    async def _store_people(self) -> None:
        people = self.changes.residents.people
        names = [self._text(record, Purpose.NAME) for record in people.created]
        indexes = [record.name_index for record in people.created]
        columns: dict[str, Sequence[object]] = {"id": [record.id for record in people.created]}
        columns |= self._forms(Purpose.NAME, names, indexes)
        for purpose in (Purpose.PHONE, Purpose.IDENTITY):
            columns |= self._forms_of(people.created, purpose)
        await insert_all(self.work, Person, columns=columns, written=self._tell)
        for purpose in (Purpose.PHONE, Purpose.IDENTITY):
            # What the roster does not tell stays as it is.
            told = [record for record in people.changed if self._text(record, purpose)]
            forms = self._forms_of(told, purpose)
            await update_all(self.work, Person, columns={"id": [record.id for record in told], **forms})

    def _text(self, record: PersonRecord, purpose: Purpose) -> str | None:
        person = self.roster.people[self.changes.residents.person_at[record.id]]
        texts = {Purpose.NAME: person.name, Purpose.PHONE: person.phone, Purpose.IDENTITY: person.identity}
        return texts[purpose]

    def _forms_of(self, records: Sequence[PersonRecord], purpose: Purpose) -> dict[str, Sequence[object]]:
        texts = [self._text(record, purpose) for record in records]
        indexes = [record.phone_index if purpose is Purpose.PHONE else record.identity_index for record in records]
        return self._forms(purpose, texts, indexes)

    def _forms(
        self, purpose: Purpose, texts: Sequence[str | None], indexes: Sequence[bytes | None]
    ) -> dict[str, Sequence[object]]:
        """Make the sealed and masked forms of texts; the blind indexes are known from the comparison."""
        sealed = iter(self.sealer.seal_all([text for text in texts if text], purpose=purpose))
        mask = _MASKS[purpose]
        return {
            f"{purpose}_sealed": [next(sealed) if text else None for text in texts],
            f"{purpose}_masked": [mask(text) if text else None for text in texts],
            f"{purpose}_index": [index if text else None for index, text in zip(indexes, texts, strict=True)],
        }

    def _touched_buildings(self) -> set[uuid.UUID]:
        places, residents = self.changes.places, self.changes.residents
        touched = {
            record.building_id or record.id
            for kind in (places.buildings, places.units, places.dwellings)
            for record in (*kind.created, *kind.changed)
        }
        if residents.households.created or residents.households_ended:
            touched |= {building_id for building_id in places.building_ids if building_id}
        return touched

    def _tell(self, count: int) -> None:
        self._stored += count
        if self.progress:
            self.progress("writing", self._stored, self.changes.created_count)
