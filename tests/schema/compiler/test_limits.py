"""Is what would cost too much refused, with its cost and the limit, before anything is read?"""

from __future__ import annotations

import time

import pytest

from schema.compiler.documents import InvalidRequest
from schema.compiler.faults import NoSuchOperation, TooCostly, TooDeep, TooManyAliases, TooManyParts
from schema.compiler.limits import MAX_ALIASES, MAX_DEPTH
from tests.schema.compiler.asking import Asker, grants_of


def _tree(first: int, second: int, third: int) -> str:
    return f"""
    {{ communities(first: 1) {{ nodes {{ grids(first: {first}) {{ nodes {{
      buildings(first: {second}) {{ nodes {{ units(first: {third}) {{ nodes {{ id }} }} }} }}
    }} }} }} }} }}
    """


async def test_adds_up_the_products_of_page_sizes(ask: Asker) -> None:
    plan, variables = ask.plan(_tree(10, 20, 30))

    assert plan.cost.of(variables, ask.context(grants_of(ask.world, "qingcheng"))) == 1 + 10 + 200 + 6000


async def test_refuses_what_costs_too_much(ask: Asker) -> None:
    with pytest.raises(TooCostly) as refused:
        await ask.tell(_tree(100, 100, 100))

    assert refused.value.text("en") == (
        "The query is too costly: up to 1,010,101 nodes, the limit is 50,000. Ask for smaller pages"
    )
    assert ask.statements == []


async def test_counts_page_sizes_that_come_by_variable(ask: Asker) -> None:
    document = """
    query($a: Int, $b: Int = 100) { communities(first: $a) { nodes { grids(first: $b) { edges { node { id } } } } } }
    """

    assert (await ask.tell(document, variables={"a": 100, "b": 100})).data is not None
    plan, variables = ask.plan(document, variables={"a": 3})
    assert plan.cost.of(variables, ask.context(grants_of(ask.world, "qingcheng"))) == 3 + 300


async def test_counts_lists_without_pages_by_what_is_expected(ask: Asker) -> None:
    plan, variables = ask.plan("{ dwellings(first: 10) { nodes { owners { share } households { id } } } }")

    assert plan.cost.of(variables, ask.context(grants_of(ask.world, "qingcheng"))) == 10 + 50 + 20


def _nested(depth: int) -> str:
    inner = "id"
    for level in range(depth - 2):
        inner = f"head {{ {inner} }}" if level % 2 else f"households {{ {inner} }}"
    return f"query($id: ID!) {{ dwelling(id: $id) {{ {inner} }} }}"


def test_refuses_what_is_too_deep(ask: Asker) -> None:
    with pytest.raises(TooDeep) as refused:
        ask.reader.document(_nested(MAX_DEPTH + 38))

    assert refused.value.text("en") == "The query is too deep: 50 levels, the limit is 12"
    # Within the limit, it is left to validation.
    with pytest.raises(InvalidRequest):
        ask.reader.document(_nested(MAX_DEPTH - 1))


def test_counts_levels_through_fragments(ask: Asker) -> None:
    document = """
    { communities { nodes { grids { nodes { ...A } } } } }
    fragment A on Grid { buildings { nodes { ...B } } }
    fragment B on Building { units { nodes { ...C } } }
    fragment C on Unit { dwellings { nodes { ... on Dwelling { unit { building { id } } } } } }
    """

    with pytest.raises(TooDeep, match="13 levels"):
        ask.reader.document(document)
    assert ask.reader.document(document.replace("building { id }", "id")) is not None


def test_refuses_too_many_aliases_of_one_field(ask: Asker) -> None:
    def document(count: int) -> str:
        return f"{{ {' '.join(f'a{number}: me {{ account {{ id }} }}' for number in range(count))} }}"

    assert ask.reader.document(document(MAX_ALIASES)) is not None
    with pytest.raises(TooManyAliases) as refused:
        ask.reader.document(document(500))
    assert refused.value.text("en") == "Too many aliases of me: 500, the limit is 15"


@pytest.mark.parametrize(
    "document",
    [
        f"{{ me {{ account {{ {'id ' * 501} }} }} }}",
        f"{{ me {' '.join('@include(if: true)' for _ in range(51))} {{ account {{ id }} }} }}",
    ],
)
def test_refuses_documents_with_too_many_parts(ask: Asker, document: str) -> None:
    with pytest.raises(TooManyParts):
        ask.reader.document(document)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "{ me { account { id } }" + " }" * 3,
        "{ me { nope } }",
        "{ me }",
        "query($x: Nope) { __typename }",
        "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "query { ...Missing }",
        "{ a: __typename a: me { account { id } } }",
        "{ __typename " + "# " * 100_000 + "x" * 5_001 + " y" * 5_001 + "}",
        "{" * 4_000,
        "{ me " * 2_000,
        "{ dwellings(filter: " + "[" * 4_000,
        "query A { __typename } query A { __typename }",
    ],
)
def test_refuses_documents_that_are_not_valid(ask: Asker, document: str) -> None:
    with pytest.raises(InvalidRequest):
        ask.reader.document(document)


def test_picks_an_operation_by_its_name(ask: Asker) -> None:
    document = ask.reader.document("query A { __typename } query B { me { account { id } } }")

    assert document.operation("B").node.name is not None
    for name in (None, "C", ""):
        with pytest.raises(NoSuchOperation):
            document.operation(name)
    with pytest.raises(NoSuchOperation):
        ask.reader.document("{ __typename }").operation("A")


async def test_refuses_fragments_that_unfold_to_any_size(ask: Asker) -> None:
    chain = [
        ("Dwelling", "unit"),
        ("Unit", "building"),
        ("Building", "grid"),
        ("Grid", "community"),
        ("Community", "street"),
    ]
    fragments = ""
    for number, (type_name, field) in enumerate(chain):
        fields = " ".join(f"{field}{alias}: {field} {{ ...F{number + 1} }}" for alias in range(12))
        fragments += f"fragment F{number} on {type_name} {{ {fields} }} "
    document = f"query($id: ID!) {{ dwelling(id: $id) {{ ...F0 }} }} {fragments} fragment F5 on Street {{ id }}"
    started = time.monotonic()

    with pytest.raises(TooManyParts) as refused:
        await ask.tell(document, variables={"id": ask.world.id("dwl", "qingcheng/1号楼1单元101室")})

    assert "120" in refused.value.text("en")
    assert time.monotonic() - started < 10


async def test_refuses_wide_fragments_spread_in_many_places(ask: Asker) -> None:
    fields = ("name", "address", "roomNumber", "floorArea", "insideArea", "tenure", "id", "__typename")
    leaves = " ".join(f"{field}{alias}: {field}" for field in fields for alias in range(15))
    spots = " ".join(f"d{number}: dwelling(id: $id) {{ ...Wide }}" for number in range(15))
    rest = " ".join(f"n{number}: node(id: $id) {{ ...Wide }}" for number in range(15))
    document = f"query($id: ID!) {{ {spots} {rest} }} fragment Wide on Dwelling {{ {leaves} }}"

    with pytest.raises(TooManyParts, match="unfolded fields"):
        await ask.tell(document, variables={"id": ask.world.id("dwl", "qingcheng/1号楼1单元101室")})
