"""What proves that somebody belongs to a dwelling, who decides, and who is told?"""

from __future__ import annotations

import uuid
from dataclasses import replace
from types import MappingProxyType

import pytest

from services.residents.rules import DECIDE, Ground, Known, accounts_to_tell, find_proof, may_decide_at
from tenants.grants import Grant, Grants, Scope
from tenants.permissions import Staffed

_OWNER, _RENTER, _HEAD = (uuid.UUID(int=number) for number in (3, 2, 1))
_KNOWN = {"owner": Known(_OWNER, "owner"), "renter": Known(_RENTER, "renter"), "head": Known(_HEAD, "head")}
_ACCOUNT, _CHAIR, _GRID_WORKER, _OTHER = (uuid.UUID(int=number) for number in range(10, 14))
_GRID = uuid.UUID(int=20)
_GROUND = Ground(uuid.UUID(int=21), uuid.UUID(int=22), _GRID, uuid.UUID(int=23))


@pytest.mark.parametrize(
    ("relation", "phone_of", "has_owners", "proved"),
    [
        ("OWNER", ["owner"], True, _OWNER),
        ("OWNER", ["head"], True, None),
        ("OWNER", ["renter"], True, None),
        ("OWNER", ["head"], False, _HEAD),
        ("OWNER", ["renter"], False, None),
        ("OWNER", ["head", "owner"], True, _OWNER),
        ("FAMILY", ["owner"], True, _OWNER),
        ("FAMILY", ["head"], True, _HEAD),
        ("FAMILY", ["head", "owner"], True, _OWNER),
        ("RENTER", ["owner"], True, None),
        ("RENTER", ["renter"], True, _RENTER),
        ("RENTER", ["head"], True, _HEAD),
        ("OWNER", [], False, None),
    ],
)
def test_takes_a_phone_for_what_it_proves(
    relation: str, phone_of: list[str], *, has_owners: bool, proved: uuid.UUID | None
) -> None:
    assert find_proof(relation, [_KNOWN[role] for role in phone_of], has_owners=has_owners) == proved


def _granted(
    rows: str, *, tenants: str = "acting", condition: str = "", grid_ids: tuple[uuid.UUID, ...] = ()
) -> Grants:
    grants = frozenset({Grant(DECIDE, tenants, rows, condition)})
    return Grants(None, _CHAIR, grants, MappingProxyType({DECIDE: Scope(grid_ids=grid_ids)}))


def test_lets_posts_decide_where_they_look_after_dwellings() -> None:
    assert may_decide_at(_granted("all"), _GROUND)
    assert may_decide_at(_granted("place", grid_ids=(_GRID,)), _GROUND)
    assert not may_decide_at(_granted("place", grid_ids=(_OTHER,)), _GROUND)
    assert not may_decide_at(_granted("all", tenants="subtree"), _GROUND)
    assert not may_decide_at(_granted("all", condition="names"), _GROUND)
    assert not may_decide_at(Grants(None, _CHAIR), _GROUND)
    # A dwelling that lies in no estate lies in nobody's.
    assert not may_decide_at(_granted("place"), replace(_GROUND, estate_id=None))


def test_tells_whoever_can_decide_and_then_whoever_asked() -> None:
    posts = [
        Staffed(_CHAIR, uuid.UUID(int=30), _granted("all")),
        Staffed(_GRID_WORKER, uuid.UUID(int=31), _granted("place", grid_ids=(_GRID,))),
        Staffed(_OTHER, uuid.UUID(int=32), _granted("place", grid_ids=(_OTHER,))),
        Staffed(_ACCOUNT, uuid.UUID(int=33), _granted("all")),
    ]

    def told(status: str, by: uuid.UUID | None) -> frozenset[uuid.UUID]:
        return accounts_to_tell(status, applicant=_ACCOUNT, by=by, ground=_GROUND, posts=posts)

    assert told("REQUESTED", None) == {_CHAIR, _GRID_WORKER}
    assert told("CONFIRMED", None) == {_ACCOUNT}
    assert told("REFUSED", _CHAIR) == {_ACCOUNT}
    assert told("ENDED", _ACCOUNT) == frozenset()
