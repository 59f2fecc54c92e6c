"""Which people, owners, renters, households and posts of a roster are new, changed or as they were? Pure.

Who is who: the same name and phone, or the same name and identity number, is the same person within a tenant. Failing
these, somebody of the same name who already owns, rents or heads the same dwelling (or holds the same post) is the
same person, whose number has changed. Everybody else is new: two namesakes are two people.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.people.rules import household_key
from services.positions.tables import OFF_THE_BOARD
from services.roster import problems
from services.roster.changes import PlaceChanges, ResidentChanges
from services.roster.contents import (
    Line,
    Roster,
    RosterDwelling,
    RosterHolder,
    RosterHousehold,
    RosterPost,
    problem_of_line,
)
from services.roster.headers import Role
from services.roster.known import HolderRecord, HouseholdRecord, Known, PersonRecord, PostRecord
from tenants.sealing.masks import mask_name

_NOWHERE = Line("", 0)


@dataclass(frozen=True, slots=True)
class Indexes:
    """The blind indexes of a roster's people, by their place in it."""

    names: Sequence[bytes]
    phones: Sequence[bytes | None]
    identities: Sequence[bytes | None]


def compare_residents(
    roster: Roster,
    *,
    indexes: Indexes,
    places: PlaceChanges,
    known: Known,
    new_ids: Iterator[uuid.UUID],
    today: date,
) -> ResidentChanges:
    """Compare a roster's people, what they hold, their households and posts with those known.

    A dwelling's owners become those that the roster names, if it names any. A household whose head is another one
    now ends the day before, and the new one begins; a first household began nobody knows when.
    """
    comparison = _ResidentComparison(roster, known, places, new_ids, today)
    comparison.match_people(indexes)
    for dwelling, dwelling_id in zip(roster.dwellings, places.dwelling_ids, strict=True):
        if dwelling_id is not None:
            comparison.compare_dwelling(dwelling, dwelling_id)
    comparison.compare_posts()
    return comparison.found


class _ResidentComparison:
    def __init__(
        self, roster: Roster, known: Known, places: PlaceChanges, new_ids: Iterator[uuid.UUID], today: date
    ) -> None:
        self.found = ResidentChanges()
        self._roster, self._known, self._places = roster, known, places
        self._new_ids, self._today = new_ids, today
        self._holders: defaultdict[tuple[uuid.UUID, str], list[HolderRecord]] = defaultdict(list)
        for holder in known.holders:
            self._holders[holder.dwelling_id, holder.role].append(holder)
        self._households: defaultdict[uuid.UUID, list[HouseholdRecord]] = defaultdict(list)
        for household in known.households:
            self._households[household.dwelling_id].append(household)
        self._posts = {(post.kind_code, post.place_id, post.person_id): post for post in known.posts}
        self._ids: list[uuid.UUID | None] = []

    def match_people(self, indexes: Indexes) -> None:
        """Find out who is whom, and who is new."""
        around = self._places_of_people()
        matching = _PersonMatching(self._known, indexes)
        matched = matching.match(around)
        for at, before in enumerate(matched):
            if around[at] is None:
                self._ids.append(None)
                continue
            record = PersonRecord(
                before.id if before else next(self._new_ids),
                indexes.names[at],
                indexes.phones[at] or (before and before.phone_index),
                indexes.identities[at] or (before and before.identity_index),
            )
            self.found.people.compare(record, before)
            if record != before:
                self.found.person_at[record.id] = at
            self._ids.append(record.id)

    def _places_of_people(self) -> list[list[uuid.UUID] | None]:
        """List the dwellings, grids and buildings around each person; None for those whose places are left out."""
        around: list[list[uuid.UUID] | None] = [None] * len(self._roster.people)
        for dwelling, dwelling_id in zip(self._roster.dwellings, self._places.dwelling_ids, strict=True):
            if dwelling_id is None:
                continue
            persons = [holder.person for holder in dwelling.owners + dwelling.renters]
            if dwelling.household and dwelling.household.head is not None:
                persons.append(dwelling.household.head)
            for person in persons:
                here = around[person]
                if here is None:
                    around[person] = [dwelling_id]
                else:
                    here.append(dwelling_id)
        for post in self._roster.posts:
            place_id = self._place_of_post(post)
            if place_id is not None:
                around[post.person] = [*(around[post.person] or ()), place_id]
        return around

    def compare_dwelling(self, dwelling: RosterDwelling, dwelling_id: uuid.UUID) -> None:
        """Compare who owns, rents and lives in a dwelling."""
        if dwelling.owners:
            self._compare_holders(dwelling.owners, dwelling_id, "owner")
        if dwelling.renters:
            self._compare_holders(dwelling.renters, dwelling_id, "renter")
        if dwelling.household:
            self._compare_household(dwelling.household, dwelling_id)

    def _compare_holders(self, holders: tuple[RosterHolder, ...], dwelling_id: uuid.UUID, role: str) -> None:
        known = self._holders.get((dwelling_id, role))
        before = {holder.person_id: holder for holder in known} if known else {}
        differs = False
        for ordinal, holder in enumerate(holders):
            person_id = self._ids[holder.person]
            if person_id is None:
                continue
            old = before.pop(person_id, None)
            record = HolderRecord(
                old.id if old else next(self._new_ids),
                dwelling_id,
                person_id,
                role,
                holder.share or (old and old.share),
                ordinal,
            )
            self.found.holders.compare(record, old)
            differs = differs or record != old
        self.found.holders_gone += [gone.id for gone in before.values()]
        if differs or before:
            self.found.dwellings_held_anew.add(dwelling_id)

    def _compare_household(self, told: RosterHousehold, dwelling_id: uuid.UUID) -> None:
        head_id = None if told.head is None else self._ids[told.head]
        present = self._households.get(dwelling_id, [])
        before = next((each for each in present if each.head_id == head_id), None)
        since = None
        if before is None and len(present) == 1:
            (only,) = present
            if head_id is None or only.head_id is None:
                before = only
            else:
                since = self._end(only)
        record = HouseholdRecord(
            id=before.id if before else next(self._new_ids),
            dwelling_id=dwelling_id,
            head_id=head_id or (before and before.head_id),
            head_count=told.head_count or (before and before.head_count),
            residence=told.residence or (before and before.residence),
            since=before.since if before else since,
            until=None,
            sort_key=before.sort_key if before else household_key(since=since, until=None),
        )
        self.found.households.compare(record, before)

    def _end(self, household: HouseholdRecord) -> date:
        """End a household the day before today; if it began today, that day was its last."""
        until = self._today - timedelta(days=1)
        if household.since and household.since > until:
            until = household.since
        key = household_key(since=household.since, until=until)
        self.found.households_ended.append(household._replace(until=until, sort_key=key))
        return self._today

    def compare_posts(self) -> None:
        """Compare those in charge of grids and buildings; whom the roster does not name stays in office."""
        told: defaultdict[tuple[str, uuid.UUID], set[uuid.UUID]] = defaultdict(set)
        for post in self._roster.posts:
            place_id, person_id = self._place_of_post(post), self._ids[post.person]
            if place_id is None or person_id is None:
                continue
            if post.role.value not in self._known.board_ranks:
                self._tell(problems.POST_KIND_UNKNOWN, post, kind=post.role.value)
            else:
                told[post.role.value, place_id].add(person_id)
                self._compare_post(post, place_id, person_id)
        for (kind_code, place_id), person_ids in told.items():
            others = [
                post
                for post in self._known.posts
                if (post.kind_code, post.place_id) == (kind_code, place_id) and post.person_id not in person_ids
            ]
            if others:
                post = next(each for each in self._roster.posts if self._place_of_post(each) == place_id)
                self._tell(problems.POST_NOT_IN_ROSTER, post)

    def _compare_post(self, post: RosterPost, place_id: uuid.UUID, person_id: uuid.UUID) -> None:
        before = self._posts.get((post.role.value, place_id, person_id))
        person = self._roster.people[post.person]
        record = PostRecord(
            id=before.id if before else next(self._new_ids),
            kind_code=post.role.value,
            person_id=person_id,
            place_id=place_id,
            since=before.since if before else self._today,
            public_name=self._public_name(post, before.public_name if before else person.name),
            duty_phone=(person.phone or (before and before.duty_phone)) if self._is_on_board(post) else None,
            board_rank=self._known.board_ranks[post.role.value],
        )
        self.found.posts.compare(record, before)

    def _public_name(self, post: RosterPost, name: str) -> str:
        # Off the duty board nobody is published by name.
        return name if self._is_on_board(post) else mask_name(name)

    def _is_on_board(self, post: RosterPost) -> bool:
        return self._known.board_ranks[post.role.value] < OFF_THE_BOARD

    def _place_of_post(self, post: RosterPost) -> uuid.UUID | None:
        if post.role is Role.BUILDING_LEADER:
            return self._places.building_ids[post.place]
        return self._places.grid_ids[post.place]

    def _tell(self, trouble: problems.Trouble, post: RosterPost, **values: object) -> None:
        if post.role is Role.BUILDING_LEADER:
            building = self._roster.buildings[post.place]
            line, name = building.line, building.name
        else:
            line, name = _NOWHERE, self._roster.grids[post.place].name
        self.found.problems.append(problem_of_line(trouble, line, place=name, **values))


class _PersonMatching:
    def __init__(self, known: Known, indexes: Indexes) -> None:
        self._indexes = indexes
        self._known = {record.id: record for record in known.people}
        self._claimed: set[uuid.UUID] = set()
        self._by_phone: dict[tuple[bytes, bytes | None], PersonRecord] = {
            (record.name_index, record.phone_index): record for record in reversed(known.people) if record.phone_index
        }
        self._by_identity: dict[tuple[bytes, bytes | None], PersonRecord] = {
            (record.name_index, record.identity_index): record
            for record in reversed(known.people)
            if record.identity_index
        }
        self._around: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
        for holder in known.holders:
            self._around[holder.dwelling_id].append(holder.person_id)
        for household in known.households:
            if household.head_id:
                self._around[household.dwelling_id].append(household.head_id)
        for post in known.posts:
            self._around[post.place_id].append(post.person_id)

    def match(self, around: list[list[uuid.UUID] | None]) -> list[PersonRecord | None]:
        """Find each of the roster's people among those known; surer ways go first, nobody is matched twice."""
        matched: list[PersonRecord | None] = [None] * len(around)
        if not self._known:
            return matched
        for find in (self._find_by_phone, self._find_by_identity, self._find_around):
            for at, places in enumerate(around):
                if places is not None and matched[at] is None:
                    record = find(at, places)
                    if record is not None and record.id not in self._claimed:
                        self._claimed.add(record.id)
                        matched[at] = record
        return matched

    def _find_by_phone(self, at: int, _: list[uuid.UUID]) -> PersonRecord | None:
        return self._by_phone.get((self._indexes.names[at], self._indexes.phones[at]))

    def _find_by_identity(self, at: int, _: list[uuid.UUID]) -> PersonRecord | None:
        return self._by_identity.get((self._indexes.names[at], self._indexes.identities[at]))

    def _find_around(self, at: int, places: list[uuid.UUID]) -> PersonRecord | None:
        name = self._indexes.names[at]
        near = (person_id for place in places for person_id in self._around.get(place, ()))
        return next(
            (
                record
                for person_id in near
                if person_id not in self._claimed and (record := self._known[person_id]).name_index == name
            ),
            None,
        )
