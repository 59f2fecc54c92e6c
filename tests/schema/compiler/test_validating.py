"""Are the same documents refused as by graphql-core's own `validate`, in the same words?"""

from __future__ import annotations

from random import Random

import pytest
from graphql import DocumentNode, GraphQLError, parse, validate
from graphql.validation import KnownOperationTypesRule
from graphql.validation.validate import ValidationAbortedError

from schema.compiler.validating import MOST_ERRORS, RULES, find_errors
from tests.schema.compiler.asking import MODEL
from tests.schema.documents.making import DocumentMaker, Stock
from tests.schema.documents.mutating import mutate

# One for each rule, and what else can be wrong.
_WRONG = (
    "type Nope { name: String @deprecated(reason: 1) @deprecated } { __typename }",
    "extend type Query @nope { name: Nope } scalar Nope scalar Nope { __typename }",
    "query A { __typename } query A { me { account { id } } }",
    "{ __typename } query A { __typename }",
    "subscription { notified { cursor } caseChanged { cursor } __typename }",
    "subscription { ...Both } fragment Both on Subscription { notified @skip(if: true) { cursor } }",
    "query ($id: Nope) { community(id: $id) { ... on Nope { id } } }",
    "{ place(id: 1) { ... on CaseFilter { id } ...A } } fragment A on Date { id }",
    "query ($grid: Grid, $ok: [ID!]! = [1]) { community(id: $grid) { id } }",
    "{ me me { account } communities { totalCount { id } } }",
    "{ me { nope tenant { nope(first: 1) { id } } } nope }",
    "{ ...A } fragment A on Query { __typename } fragment A on Query { me { account { id } } }",
    "{ ...Missing ...A } fragment A on Query { ...Missing }",
    "{ __typename } fragment A on Query { ...B } fragment B on Query { __typename }",
    "{ communities { nodes { ... on Grid { id } ...A } } } fragment A on Building { id }",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C ...B } fragment C on Query { ...A }",
    "query ($a: Int, $a: Int!) { communities(first: $a) { totalCount } }",
    "query A { ...F } query B($a: Int) { ...F } fragment F on Query { communities(first: $a, last: $b) { id } }",
    "query ($a: Int, $b: Boolean = true) { ...F } fragment F on Query { __typename @skip(if: $b) }",
    "query @include(if: true) { me @nope @deprecated ...A @skip(if: 1) } fragment A on Query @skip(if: true) { id }",
    "query ($a: Int @skip(if: true) @include(if: 1)) { communities(first: $a) @skip { totalCount } }",
    "{ __typename @skip(if: true) @skip(if: false) ... @include(if: true) @include(if: true) { a: __typename } }",
    "mutation { ... @defer { __typename } ... @defer(label: 1) { a: __typename } }",
    "subscription { notified { cursor ... @defer { __typename } } }",
    "{ communities @stream(initialCount: 0) { nodes @stream @stream(label: $a) { id } } }",
    "{ communities(nope: 1, first: 1, first: 2) { totalCount(a: 1) } __typename @skip(nope: true, if: true) }",
    '{ communities(first: "1", after: 2) { totalCount } community(id: [1]) { id } dwellings(filter: [{a: 1}]) { id } }',
    "{ dwellings(filter: {gridId: {}, gridId: null, nope: 1}, orderBy: [NOPE, 1, ADDRESS_ASC]) { totalCount } }",
    "{ community { id } __typename @skip } mutation M { reportCase { errors { code } } }",
    "query ($a: String, $b: [Int], $c: ID) { communities(first: $a, last: $b) { id } community(id: $c) { id } }",
    "query ($c: ID = 1, $d: ID = null) { a: community(id: $c) { id } b: community(id: $d) { id } }",
    "query ($f: String) { dwellings(filter: {gridId: $f, addressContains: $f}) { totalCount } }",
    "mutation ($p: ID) { reportCase(input: {at: {placeId: $p}}) { errors { code } } }",
    "{ me { account { id } } me: communities { totalCount } communities(first: 1) { a: totalCount } }",
    "{ communities(first: 1) { nodes { ...A ... on Community { id: name } } } } fragment A on Community { id }",
    "{ communities(first: 1) { totalCount } communities(first: 2) { totalCount } }",
    "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    "{ __type(name: 1) { ...A } } fragment A on __Type { ofType { ...A } fields { type { fields { name } } } }",
    "{" + " ".join(f"nope{number}" for number in range(MOST_ERRORS)) + "}",
    "{" + " ".join(f"nope{number}" for number in range(MOST_ERRORS + 1)) + "}",
)


def _told(errors: list[GraphQLError]) -> list[object]:
    return [(type(error), error.message, error.locations, error.path, error.extensions) for error in errors]


def _errors(document: DocumentNode) -> list[GraphQLError]:
    errors = find_errors(MODEL.schema, document)
    plainly = validate(MODEL.schema, document, RULES, max_errors=MOST_ERRORS, hide_suggestions=True)
    assert _told(errors) == _told(plainly)
    return errors


@pytest.mark.parametrize("text", _WRONG)
def test_refuses_what_is_wrong_in_the_same_words(text: str) -> None:
    assert _errors(parse(text))


def test_has_something_wrong_for_each_rule() -> None:
    documents = [parse(text) for text in _WRONG]
    unasked = {rule for rule in RULES if not any(validate(MODEL.schema, document, [rule]) for document in documents)}

    # The schema has every type of operation.
    assert unasked == {KnownOperationTypesRule}


def test_tells_the_same_of_documents_made_at_random() -> None:
    random = Random("documents to validate")  # noqa: S311
    stock = Stock(["grd_4_x", "1"], ["号楼", ""])
    makers = [DocumentMaker(MODEL.schema, stock, random, depth=depth) for depth in (1, 2)]
    told = {True: 0, False: 0}

    for number in range(400):
        made = makers[number % 2].make()
        if number % 4:
            made = mutate(made, random)
        try:
            document = parse(made.text)
        except GraphQLError:
            continue
        told[bool(_errors(document))] += 1

    assert min(told.values()) > 50, told


def _nested(levels: int, inner: str) -> str:
    return "{ ... " * levels + "{ " + inner + " }" + " }" * levels


def test_gives_up_where_validation_does() -> None:
    deep = "".join(f"fragment F{number} on Query {_nested(40, f'...F{number + 1}')}\n" for number in range(6))
    chain = f"query A {{ nope ...F0 }} {deep} fragment F6 on Query {{ __typename }}"
    many = " ".join(f"query Q{number}($v: Boolean!) {{ ...F }}" for number in range(100))
    shared = f"{many} fragment F on Query {{ {'__typename @skip(if: $v) ' * 600} }}"

    for text in (chain, shared):
        assert isinstance(_errors(parse(text))[-1], ValidationAbortedError)


def test_reads_documents_without_their_places() -> None:
    text = "query ($a: Int) { communities(first: $a) { totalCount } }"

    assert not _errors(parse(text, no_location=True))
    assert _errors(parse(text.replace("($a: Int)", ""), no_location=True))
