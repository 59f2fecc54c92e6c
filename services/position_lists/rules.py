"""Which kind of post, which place and which body does a list mean? Pure rules, no storage."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.people.rules import LONGEST_NAME
from services.places.rules import address_key
from services.position_lists.reading import ListedPost
from tenants.sealing.masks import mask_name, mask_phone

# What people call the starting kinds besides their names.
_OTHER_NAMES: Mapping[str, str] = {
    "网格管理员": "grid-worker",
    "专职网格员": "grid-worker",
    "兼职网格员": "grid-worker",
    "专职网格长": "grid-leader",
    "班楼长": "building-leader",
    "楼长": "building-leader",
    "楼组长": "building-leader",
    "栋长": "building-leader",
    "党委书记": "party-secretary",
    "党总支书记": "party-secretary",
    "党支部书记": "party-secretary",
    "社区书记": "party-secretary",
    "社区党委书记": "party-secretary",
    "党工委书记": "party-secretary",
    "主任": "committee-chair",
    "社区主任": "committee-chair",
    "社工": "worker",
    "社区干部": "worker",
    "物业经理": "property-manager",
    "项目经理": "property-manager",
    "物业人员": "property-worker",
    "业主委员会主任": "owners-chair",
    "业主委员会委员": "owners-member",
    "管理员": "admin",
}
_HERE = frozenset({"本社区", "本街道", "本区", "社区", "街道", "全社区", "全街道"})


@dataclass(frozen=True, slots=True)
class KnownKind:
    """A kind of post of the tenant."""

    code: str
    name: str
    place_kinds: tuple[str, ...]
    body_kinds: tuple[str, ...]
    is_on_board: bool


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place that a post can hang on."""

    id: uuid.UUID
    kind: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A body that a post can belong to; a company with the estates that it serves today."""

    id: uuid.UUID
    kind: str
    name: str
    estate_ids: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class ListProblem:
    """What is wrong in one cell: sheet, row as a spreadsheet counts, column, a stable code, the value masked."""

    sheet: str
    row: int
    column: str
    code: str
    value: str
    zh: str
    en: str


class Unresolved(Exception):  # noqa: N818 - becomes a problem of the row.
    """A cell does not say what it has to."""

    def __init__(self, column: str, code: str, zh: str, en: str) -> None:
        """Name the column, the code and the texts."""
        super().__init__(en)
        self.column, self.code, self.zh, self.en = column, code, zh, en

    def problem(self, post: ListedPost) -> ListProblem:
        """Tell of the cell in its row."""
        return problem_of(post, self.column, code=self.code, zh=self.zh, en=self.en)


def problem_of(post: ListedPost, column: str, *, code: str, zh: str, en: str) -> ListProblem:
    """Tell what is wrong in a column of a row, with what is personal masked."""
    value: str = getattr(post, column)
    mask: Callable[[str], str] = {"name": mask_name, "phone": mask_phone, "duty_phone": mask_phone}.get(column, str)
    return ListProblem(post.sheet, post.row, column, code, mask(value[:LONGEST_NAME]) if value else "", zh, en)


@dataclass(slots=True)
class Directory:
    """The tenant's kinds, places and bodies, to be found by what a list says."""

    tenant_name: str
    tenant_place_id: uuid.UUID
    kinds: Sequence[KnownKind]
    places: Sequence[KnownPlace]
    bodies: Sequence[KnownBody]
    _by_name: dict[str, KnownKind] = field(default_factory=dict)
    _by_key: dict[str, list[KnownPlace]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index by every way to say it."""
        by_code = {kind.code: kind for kind in self.kinds}
        self._by_name = {other: by_code[code] for other, code in _OTHER_NAMES.items() if code in by_code}
        self._by_name |= by_code | {kind.name: kind for kind in self.kinds}
        for place in self.places:
            for key in {address_key(text) for text in self._ways_to_say(place)}:
                self._by_key.setdefault(key, []).append(place)

    def _ways_to_say(self, place: KnownPlace) -> list[str]:
        ways = [place.name, place.address]
        return ways + [way.removeprefix(self.tenant_name) for way in ways if way != self.tenant_name]

    def kind(self, post: ListedPost) -> KnownKind:
        """Find the kind of post. Raises Unresolved."""
        if not post.post:
            raise Unresolved("post", "MISSING", "缺少岗位", "the post is missing")
        found = self._by_name.get(post.post) or self._by_name.get(post.post.removeprefix(self.tenant_name))
        if found is None:
            known = "、".join(kind.name for kind in self.kinds)
            raise Unresolved(
                "post",
                "POSITION_KIND_UNKNOWN",
                f"没有这种岗位，可用：{known}",
                f"there is no such post; known are {known}",
            )
        return found

    def place_id(self, post: ListedPost, kind: KnownKind) -> uuid.UUID:
        """Find the place, among the kinds of place that the post goes with. Raises Unresolved."""
        if not post.place or post.place in _HERE or post.place == self.tenant_name:
            if {"community", "street", "district"} & set(kind.place_kinds):
                return self.tenant_place_id
            raise Unresolved("place", "MISSING", f"“{kind.name}”要写明地点", "the place of this post is missing")
        fitting = [place for place in self._by_key.get(address_key(post.place), ()) if place.kind in kind.place_kinds]
        if not fitting:
            raise Unresolved(
                "place", "PLACE_UNKNOWN", f"没有找到“{kind.name}”所在的地点", "there is no such place for this post"
            )
        if len(fitting) > 1:
            raise Unresolved(
                "place",
                "PLACE_AMBIGUOUS",
                f"有 {len(fitting)} 处同名，请写全地址",
                f"{len(fitting)} places are called so: write the full address",
            )
        return fitting[0].id

    def body_id(self, post: ListedPost, kind: KnownKind, *, place_id: uuid.UUID) -> uuid.UUID | None:
        """Find the body by its name or, where none is written, the only one that it can be. Raises Unresolved."""
        possible = [body for body in self.bodies if body.kind in kind.body_kinds]
        if post.body:
            named = [body for body in possible if body.name == post.body]
            if len(named) == 1:
                return named[0].id
            raise Unresolved(
                "body", "BODY_UNKNOWN", f"没有找到“{kind.name}”所属的这个组织", "there is no such body for this post"
            )
        return _only(possible, kind, place_id)


def _only(possible: Collection[KnownBody], kind: KnownKind, place_id: uuid.UUID) -> uuid.UUID | None:
    if len(kind.body_kinds) != 1:
        return None
    here = [body for body in possible if place_id in body.estate_ids] or [
        body for body in possible if not body.estate_ids
    ]
    return next(iter(here)).id if len(here) == 1 else None
