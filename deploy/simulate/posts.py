"""Who holds which post in an office or a community? Bodies, positions, and accounts named POSITION@SLUG."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from deploy.simulate.ids import IdSource
from deploy.simulate.neighbourhood import Ground, Named
from deploy.simulate.residents import Residents
from deploy.simulate.rows import AccountRow, BodyRow, ContractRow, MembershipRow, PositionRow
from services.places.rules import address_key

OFF_THE_BOARD = 9999
_FIRST_DUTY_PHONE = 80_000_000


class Kind(NamedTuple):
    """A kind of position as the tenant has it; `board_rank` is null off the duty board."""

    code: str
    name: str
    board_rank: int | None


@dataclass(frozen=True, slots=True)
class Premises:
    """The places of a community that posts hang on, and a resident."""

    grids: Sequence[Named]
    buildings: Sequence[Named]
    estates: Sequence[Named]
    # Whoever signs in as the resident, and the dwelling.
    resident: Named
    dwelling_id: uuid.UUID


@dataclass(slots=True)
class Staff:
    """Appoints invented people, and keeps the rows that this takes."""

    ground: Ground
    kinds: Mapping[str, Kind]
    issuer: str
    residents: Residents
    ids: IdSource
    since: date
    bodies: list[BodyRow] = field(default_factory=list)
    contracts: list[ContractRow] = field(default_factory=list)
    accounts: list[AccountRow] = field(default_factory=list)
    positions: list[PositionRow] = field(default_factory=list)
    memberships: list[MembershipRow] = field(default_factory=list)

    def add_body(
        self,
        kind: str,
        name: str,
        *,
        level: str | None = None,
        parent_id: uuid.UUID | None = None,
        place_id: uuid.UUID | None = None,
    ) -> uuid.UUID:
        """Enter a body of this tenant into the directory."""
        body = BodyRow(
            self.ids.next(), kind, name, level, self.ground.tenant_id, parent_id, place_id, address_key(name)
        )
        self.bodies.append(body)
        return body.id

    def add_contract(self, estate_id: uuid.UUID, company_id: uuid.UUID, *, service: str | None = None) -> None:
        """Let a property company serve an estate."""
        ground = self.ground
        self.contracts.append(
            ContractRow(
                ground.tenant_id,
                self.ids.next(),
                ground.street_id,
                ground.district_id,
                estate_id,
                company_id,
                service,
                self.since,
                None,
            )
        )

    def add_account(self, kind_code: str) -> AccountRow:
        """Make the account that signs in as POSITION@SLUG."""
        display_name = f"{self.ground.name} {self.kinds[kind_code].name}"
        account = AccountRow(self.ids.next(), self.issuer, f"{kind_code}@{self.ground.slug}", display_name)
        self.accounts.append(account)
        return account

    def appoint(
        self,
        kind_code: str,
        place_id: uuid.UUID,
        *,
        body_id: uuid.UUID | None = None,
        account: AccountRow | None = None,
    ) -> None:
        """Appoint somebody newly invented."""
        person_id = self.residents.add_person()
        person = Named(person_id, self.residents.people[-1].name)
        self.fill(kind_code, place_id, person=person, body_id=body_id, account=account)

    def fill(
        self,
        kind_code: str,
        place_id: uuid.UUID,
        *,
        person: Named,
        body_id: uuid.UUID | None = None,
        account: AccountRow | None = None,
    ) -> None:
        """Give a post to a person, and the account its membership."""
        ground, kind = self.ground, self.kinds[kind_code]
        is_on_board = kind.board_rank is not None
        position = PositionRow(
            ground.tenant_id,
            self.ids.next(),
            ground.street_id,
            ground.district_id,
            kind_code,
            person.id,
            account.id if account else None,
            body_id,
            place_id,
            self.since,
            None,
            person.name if is_on_board else kind.name,
            str(_FIRST_DUTY_PHONE + len(self.positions)) if is_on_board else None,
            kind.board_rank if kind.board_rank is not None else OFF_THE_BOARD,
        )
        self.positions.append(position)
        if account:
            self.memberships.append(MembershipRow(account.id, ground.tenant_id, position.id, self.since, None))
