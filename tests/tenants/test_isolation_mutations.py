"""Does any mutation reach into another tenant? Each that the schema has, as every kind of position, over HTTP.

Arguments are made from their types. Where an id is asked for, another tenant's is given: the answer must be the one
that an id of nobody's gets, and no row of any other tenant may have changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, get_named_type, is_leaf_type

from deploy.tables import load_tables
from schema.compiler.documents import read_document
from schema.compiler.values import encode_id
from tests.fixtures.database import Database
from tests.fixtures.rows import owner_column
from tests.make import made_id
from tests.schema.compiler.asking import MODEL
from tests.services.files.photos import jpeg
from tests.tenants.marked import find_leaks, ids_by_type, make_marked
from tests.tenants.questions import Questions
from tests.tenants.staff import Actor, Stage, open_stage

_MUTATIONS: Mapping[str, Any] = MODEL.schema.mutation_type.fields if MODEL.schema.mutation_type else {}
# What an argument's id names, where its name does not say the type.
_TYPES_OF_IDS = {
    "placeId": "Grid",
    "contractId": "PropertyContract",
    "intoCaseId": "Case",
    "attachmentIds": "File",
    "extensionId": "CaseExtension",
    "objectionId": "DispatchObjection",
    "exclusionId": "RatesExclusion",
    "taskId": "CaseTask",
    "targetId": "CaseTarget",
    "calleeId": "WhistleCallee",
    "reporterPersonId": "Person",
}
# Within an input that names a dwelling.
_TYPES_OF_IDS |= {"id": "Dwelling"}
# Bodies are in a directory that all tenants share: another tenant's company may well be given a contract here.
_SHARED_IDS = {
    "bodyId": "ResidentsCommittee",
    "parentId": "PartyOrganization",
    "companyId": "PropertyCompany",
    "departmentId": "Department",
}
_SAMPLES: Mapping[str, Any] = {
    "String": "甲",
    "Date": "2027-01-01",
    "DateTime": "2099-01-01T00:00:00Z",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
}
# What an office does by its grants over a subtree, in the tenants below it (tests/journeys/test_supervision.py).
_FROM_ABOVE = frozenset({"urgeCase", "superviseCase"})
# What an account was told is its own in whichever tenant; of others' ids nothing happens (test_notified.py).
_ACCOUNTS_IDS = {"notificationIds": "Notification"}
# Texts that are looked up: with another, a call ends before it comes to its ids.
_NAMED = {
    "kind": "grid-worker",
    "copies": "grid-worker",
    "permission": "place:read",
    "rows": "all",
    "categoryCode": "0104",
}
# Choices with which a call comes to its ids, where the first would not: somebody else comes by a visit.
_CHOSEN = {"source": "VISIT"}
_MISSING = made_id(0xDEAD)
Path = tuple[str, ...]


@pytest.fixture(scope="module")
async def stage(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Stage]:
    """The marked world with everybody in it, and the gateway in front."""
    async with open_stage(await make_marked(await new_database())) as stage:
        yield stage


@pytest.fixture(scope="module")
async def ids(stage: Stage) -> dict[str, list[str]]:
    """Global ids of every type, of every tenant."""
    found = await ids_by_type(MODEL, stage.marked.database)
    # A file is no node: it has an id and no fields. Each tenant has one that waits for a case.
    uploaders = {"community": "worker", "street": "dispatcher", "district": "department-handler"}
    uploaded = [
        await stage.upload(Actor(uploaders[tenant.kind], slug), jpeg(), purpose="CASE")
        for slug, tenant in stage.world.tenants.items()
    ]
    return {**found, "File": [answer.json()["id"] for answer in uploaded]}


# --- the call --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A mutation with arguments made from their types; the ids among them are filled in by whoever asks."""

    name: str

    @property
    def _arguments(self) -> Mapping[str, Any]:
        arguments: Mapping[str, Any] = _MUTATIONS[self.name].args
        return arguments

    @cached_property
    def document(self) -> str:
        declared = ", ".join(f"${name}: {argument.type}" for name, argument in self._arguments.items())
        passed = ", ".join(f"{name}: ${name}" for name in self._arguments)
        payload: Any = get_named_type(_MUTATIONS[self.name].type)
        shown = " ".join(self._shown(name, field) for name, field in payload.fields.items() if name != "errors")
        return f"mutation({declared}) {{ {self.name}({passed}) {{ errors {{ code message field }} {shown} }} }}"

    @staticmethod
    def _shown(name: str, field: Any) -> str:  # noqa: ANN401 - a field of graphql-core.
        target = get_named_type(field.type)
        return name if is_leaf_type(target) else f"{name} {Questions(MODEL, {}).selections(target, depth=1)[0]}"

    def all_paths(self) -> list[Path]:
        """List where an id is asked for."""
        return list(self._paths(self._arguments))

    def id_paths(self) -> list[Path]:
        """List where an id is asked for that must be the tenant's own."""
        return [path for path in self.all_paths() if path[-1] not in _SHARED_IDS | _ACCOUNTS_IDS]

    def _paths(self, parts: Mapping[str, Any]) -> Iterator[Path]:
        for name, part in parts.items():
            named = get_named_type(part.type)
            if str(named) == "ID":
                yield (name,)
            elif isinstance(named, GraphQLInputObjectType):
                yield from ((name, *path) for path in self._paths(_fields(named)))

    def variables(self, ids: Mapping[Path, str]) -> dict[str, Any]:
        """Make the arguments; an id that is not given stays out, if it may."""
        return self._values(self._arguments, ids, ())

    def _values(self, parts: Mapping[str, Any], ids: Mapping[Path, str], above: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, part in parts.items():
            path = (*above, name)
            named = get_named_type(part.type)
            is_text = str(named) == "String"
            if isinstance(named, GraphQLInputObjectType):
                found[name] = self._values(_fields(named), ids, path)
            elif str(named) == "ID":
                if path in ids:
                    found[name] = [ids[path]] if _is_list(part.type) else ids[path]
            elif isinstance(part.type, GraphQLNonNull):
                named_value = (_NAMED if is_text else _CHOSEN).get(name)
                found[name] = _sample(part.type) if named_value is None else named_value
        return found


_CALLS = tuple(Call(name) for name in _MUTATIONS)


def _fields(type_: GraphQLInputObjectType) -> Mapping[str, Any]:
    """Take an input's fields; of one that takes a single one of them, the first that asks for an id."""
    fields: Mapping[str, Any] = type_.fields
    if not type_.extensions["strawberry-definition"].is_one_of:
        return fields
    name = next(name for name, part in fields.items() if str(get_named_type(part.type)) == "ID")
    return {name: fields[name]}


def _is_list(type_: Any) -> bool:  # noqa: ANN401 - a type of graphql-core.
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)


def _sample(type_: Any) -> Any:  # noqa: ANN401 - whatever value the type takes.
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLList):
        return [_sample(inner.of_type)]
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    if str(inner) not in _SAMPLES:
        pytest.fail(f"teach {__name__} a value of {inner}")
    return _SAMPLES[str(inner)]


def _type_of(path: Path, ids: Mapping[str, list[str]]) -> str:
    name = path[-1]
    known = {**_TYPES_OF_IDS, **_SHARED_IDS, **_ACCOUNTS_IDS}.get(name) or name.removesuffix("Id").capitalize()
    if known not in ids:
        pytest.fail(f"teach {__name__} of which type {'.'.join(path)} is")
    return known


# --- who tries what --------------------------------------------------------------------------------------------------


async def _digests(stage: Stage, tenant_id: int) -> dict[str, str | None]:
    """Tell, by table, a digest of all rows that are not this tenant's."""
    found = {}
    for table in load_tables().sorted_tables:
        whose = owner_column(table)
        if whose is not None:
            rows = f"select t::text as row from {table.name} t where {whose.name} <> $1"
            found[table.name] = await stage.owner.fetchval(
                f"select md5(string_agg(row, '|' order by row)) from ({rows})", tenant_id
            )
    return found


async def _call(stage: Stage, actor: Actor, call: Call, ids: Mapping[Path, str]) -> tuple[bytes, set[str]]:
    """Send the mutation; tell the answer and the codes of its refusals."""
    answer = await stage.client.ask(call.document, call.variables(ids), account=actor.account, tenant=actor.slug)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert "data" in told, answer.text
    payload = told["data"][call.name]
    others = stage.marked.neighbours()
    assert find_leaks(answer.content, others[actor.slug], others) == []
    return answer.content, {error["code"] for error in payload["errors"]}


def _choices(call: Call) -> Iterator[frozenset[Path]]:
    """Choose which ids are another's: each by itself, then all of them."""
    paths = call.id_paths()
    yield from {frozenset([path]) for path in paths} | {frozenset(paths)}


@dataclass(frozen=True)
class Attempt:
    """Somebody acting in one tenant, with ids of another."""

    stage: Stage
    ids: Mapping[str, list[str]]
    actor: Actor
    other: str

    def _row(self, path: Path, slug: str) -> str:
        tenant_id = self.stage.world.tenants[slug].id
        held = self.ids[_type_of(path, self.ids)]
        prefix = held[0].partition("_")[0]
        found = (each for each in held if int(each.split("_")[1]) in (0, tenant_id))
        return next(found, encode_id(prefix, tenant_id, _MISSING))

    def given(self, call: Call, foreign: frozenset[Path], *, is_missing: bool) -> dict[Path, str]:
        """Fill in the ids: those of nobody or of the other tenant where they are foreign, else the actor's own."""
        found = {}
        for path in call.all_paths():
            own = self._row(path, self.actor.slug)
            if path not in foreign:
                found[path] = own
            elif is_missing:
                found[path] = encode_id(own.partition("_")[0], self.stage.world.tenants[self.other].id, _MISSING)
            else:
                found[path] = self._row(path, self.other)
        return found

    async def run(self) -> dict[tuple[str, Path], set[str]]:
        """Try every mutation with foreign ids; tell the refusals by mutation and foreign id."""
        refusals: dict[tuple[str, Path], set[str]] = {}
        neighbours = self.stage.marked.neighbours()
        is_above = neighbours[self.actor.slug].reads(neighbours[self.other])
        for call in _CALLS:
            if is_above and call.name in _FROM_ABOVE:
                continue
            for foreign in _choices(call):
                theirs, codes = await _call(self.stage, self.actor, call, self.given(call, foreign, is_missing=False))
                nobodys, _ = await _call(self.stage, self.actor, call, self.given(call, foreign, is_missing=True))
                # Where no id is asked for, both are calls of the actor's own, and the second finds what the first did.
                assert theirs == nobodys or not foreign, f"{self.actor}: {call.name} {foreign}"
                assert codes or not foreign, f"{self.actor}: {call.name} took {foreign} of {self.other}"
                for path in foreign if len(foreign) == 1 else ():
                    refusals.setdefault((call.name, path), set()).update(codes)
        return refusals


@pytest.mark.parametrize(
    ("slug", "others"),
    [("qingcheng", ("zhongshan", "gudong")), ("gudong", ("qingcheng", "guxi")), ("gulou", ("gudong", "qingcheng"))],
)
async def test_changes_nothing_of_another_tenant(
    stage: Stage, ids: dict[str, list[str]], slug: str, others: tuple[str, ...]
) -> None:
    tenant_id = stage.world.tenants[slug].id
    before = await _digests(stage, tenant_id)
    refusals: dict[tuple[str, Path], set[str]] = {}
    for actor in stage.everybody(slug):
        for other in others:
            for key, codes in (await Attempt(stage, ids, actor, other).run()).items():
                refusals.setdefault(key, set()).update(codes)

    assert await _digests(stage, tenant_id) == before
    if slug == "qingcheng":
        # Somebody got as far as looking the row up; else nothing was tried.
        assert {key for key, codes in refusals.items() if "NOT_FOUND" not in codes} == set()


@pytest.mark.parametrize("call", _CALLS, ids=lambda call: call.name)
async def test_makes_a_valid_call_of_every_mutation(call: Call) -> None:
    operation = read_document(MODEL.schema, call.document).operation(None)

    ids = {path: encode_id("grd", 1, _MISSING) for path in call.all_paths()}
    assert set(operation.coerce(call.variables(ids)))
