"""How does a GraphQL type say what it is read from?

A type is given its source (`reads`), each of its fields one of the declarations below. Expressions are functions of a
`Row`, so that the compiler decides under which alias a table stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

import strawberry
from sqlalchemy import column as sql_column

from schema.compiler.context import NOW
from schema.compiler.standing import PlainTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, FromClause, Select
    from sqlalchemy.orm import DeclarativeBase
    from sqlalchemy.sql.base import ReadOnlyColumnCollection

    from schema.compiler.values import Value

T = TypeVar("T")
METADATA_KEY = "read"


class FieldClass(StrEnum):
    """How closely a field is kept (design: public, internal, personal, sensitive)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


@dataclass(frozen=True)
class Row:
    """One row of a source under its alias. `seen_from` is the grid through which a building was reached, if one was."""

    source: FromClause
    # The name of the source that the columns are those of.
    name: str
    seen_from: ColumnElement[Any] | None = None
    # The instant as of which it is looked at: that of the request, or of the event that it is an image in.
    as_of: ColumnElement[Any] = NOW
    # Of a derived row, what it was made by, for rows that are derived from it.
    made_by: Any = None

    @property
    def c(self) -> ReadOnlyColumnCollection[str, Any]:
        """The row's columns by name."""
        return self.source.c


Expression = Callable[[Row], Any]
# Of a parent's row (None at the root) and a child's.
Condition = Callable[[Any, Row], Any]


@dataclass(frozen=True)
class Column:
    """A value of the row itself; `permission` is asked beyond the type's own, as far as the row lies in its reach."""

    expression: Expression
    field_class: FieldClass = FieldClass.PUBLIC
    permission: str | None = None
    # It speaks of tenants below, so only a grant over the subtree shows it.
    of_subtree: bool = False


@dataclass(frozen=True)
class GlobalId:
    """The row's global id, with the type's prefix."""


@dataclass(frozen=True)
class Nothing:
    """Always null: an interface's field that this type has no use for."""


@dataclass(frozen=True)
class SameRow:
    """An object made of the same row's columns."""

    field_class: FieldClass = FieldClass.PUBLIC


@dataclass(frozen=True)
class One:
    """At most one row of the field's type."""

    on: Condition
    # The parent's visibility already covers the child: nothing further is asked.
    covered: bool = False
    order: Callable[[Row], Sequence[Any]] | None = None
    # How closely the link itself is kept, on the parent's row.
    field_class: FieldClass = FieldClass.PUBLIC


@dataclass(frozen=True)
class Reference:
    """A row of whichever type a column names, told by type and id to all who see the row that names it."""

    kind: Expression
    row_id: Expression


@dataclass(frozen=True)
class Many:
    """A plain, ordered list bounded by its parent; never more than 100."""

    on: Condition
    order: Callable[[Row], Sequence[Any]]
    covered: bool = False
    # What the cost counts with.
    expected: int = 5
    limit: int = 100
    field_class: FieldClass = FieldClass.PUBLIC


@dataclass(frozen=True)
class Made:
    """Rows made for a parent, and what they were made by."""

    rows: Select[Any]
    made_by: Any = None


@dataclass(frozen=True)
class Derived:
    """What is reckoned for the parent as the field's arguments ask, for example sums: one row, or an ordered list.

    Its rows have the columns that the type's source speaks of, so that the caller's sight holds for them.
    """

    rows: Callable[[Row, Mapping[str, Value]], Made]
    order: Callable[[Row], Sequence[Any]] | None = None
    covered: bool = False
    # Of a list, what the cost counts with, and how many there are at most.
    expected: int = 20
    limit: int = 100


@dataclass(frozen=True)
class Reason:
    """Why something may not be done, told in the caller's language."""

    zh: str
    en: str


@dataclass(frozen=True)
class Offer:
    """Something that may be done with a row, by whoever holds the permission for it, while all conditions hold."""

    action: str
    permission: str
    # In the order in which they are asked: the first that does not hold is the reason told.
    conditions: tuple[tuple[Expression, Reason], ...] = ()
    # Whose sight says which rows the permission reaches for this, where it is not the type's own.
    source: Source | None = None


@dataclass(frozen=True)
class Offers:
    """What the caller may do with the row now, and why not: the type has `action`, `isAllowed` and `reason`."""

    offered: tuple[Offer, ...]
    field_class: FieldClass = FieldClass.PUBLIC


@dataclass(frozen=True)
class Order:
    """An order key on offer: not null, and with the id behind it served by an index."""

    key: Expression
    descending: bool = False


@dataclass(frozen=True)
class Connection:
    """A Relay connection, by keyset."""

    on: Condition
    order: Order
    # The condition instead, by the kind of tenant acted in: each is one index, where an "or" of them is none.
    on_in: Mapping[str, Condition] = field(default_factory=dict)
    # By the name of the `orderBy` enum's value.
    orders: Mapping[str, Order] = field(default_factory=dict)
    # A row of another source that stands between parent and child, joined by `through_on(through, child)`; then `on`
    # and the order keys are about that row.
    through: Callable[[str], FromClause] | None = None
    through_on: Condition | None = None
    # What the child is told as `seen_from`.
    sees_from: Expression | None = None
    arguments: Mapping[str, Callable[[Row, Value], Any]] = field(default_factory=dict)
    covered: bool = False
    # Of an interface's kinds, those listed; None lists all.
    kinds: tuple[str, ...] | None = None
    # It is the account's own, in whichever tenant: at the root, no tenant has to be acted in.
    of_account: bool = False


@dataclass(frozen=True)
class ById:
    """The row that the argument `id` names, as one of the given types; any type with an id when none is given."""

    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Root:
    """An object that stands for the request itself and has no row."""


Declaration = (
    Column | GlobalId | Nothing | SameRow | One | Reference | Many | Derived | Offers | Connection | ById | Root
)


@dataclass(frozen=True)
class Where:
    """What a filter's field asks of a row."""

    condition: Callable[[Row, Value], Any]
    # Asked for beyond the list's own permission; a sealed value is searched by its blind index, and the search audited.
    permission: str | None = None
    audited: bool = False
    # That of the column it asks about: rows on which the caller does not see the column are not found by it.
    field_class: FieldClass = FieldClass.PUBLIC


@dataclass(frozen=True)
class Reserved:
    """Which of a source's rows its own permission is not enough for, and who in the row's own tenant sees those."""

    # Of any other row nothing further is asked.
    which: Callable[[Row], Any]
    # Is the row the caller's own?
    own: Callable[[Row], Any]
    # Other sources of the same table: who sees the row through one of them sees it here, too.
    shown_by: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Source:
    """What a type's rows are read from and who sees which."""

    # Makes the selectable under the given alias; see `table_of`.
    table: Callable[[str], FromClause]
    name: str
    prefix: str | None = None
    # The discriminating condition, for a type that shares its table with others.
    only: Callable[[Row], Any] | None = None
    permission: str | None = None
    # Conditions under which a grant of the permission shows nothing of this source.
    never_under: frozenset[str] = frozenset()
    # The tenant that the row belongs to; None for a row of a shared table, whose global id says 0.
    tenant: Callable[[Row], Any] | None = lambda row: row.c.tenant_id
    # Everyone who holds the permission at all sees the public fields of this row.
    public: Callable[[Row], Any] | None = None
    # Does the row lie inside my places?
    within: Callable[[Row, Any], Any] | None = None
    # Does the row only contain or surround some of my places? Then its public fields are seen.
    touches: Callable[[Row, Any], Any] | None = None
    # Was the row handed to one of the bodies that I serve?
    served: Callable[[Row, Any], Any] | None = None
    # Rows that are kept from those who see the others.
    reserved: Reserved | None = None
    # What the conditions of grants ask of a row, by name. Where there are any, one that is missing shows nothing.
    conditions: Mapping[str, Callable[[Row, Any], Any]] = field(default_factory=dict)
    # How this type is found from a row of another source (by its name) that stands for the same thing.
    bridges: Mapping[str, Condition] = field(default_factory=dict)
    id_column: str = "id"
    # What comes after a list's order key, if not the id: the last column of the indexes that serve it.
    tie_column: str | None = None


@dataclass(frozen=True)
class Arms:
    """Which concrete type an interface's row is, by a discriminating column."""

    kind: str
    types: Mapping[str, str]
    table: Callable[[str], FromClause]
    name: str


@cache
def plain_table(mapped: type[DeclarativeBase]) -> PlainTable:
    """Give a stored table as what a plan reads from."""
    stored: Any = mapped.__table__
    return PlainTable(stored.name, *(sql_column(each.name, each.type) for each in stored.c))


def table_of(mapped: type[DeclarativeBase]) -> Callable[[str], FromClause]:
    """Read from a stored table."""
    return plain_table(mapped).alias


def reads(source: Source | Arms) -> Callable[[type[T]], type[T]]:
    """Say what a type is read from."""

    def declare(cls: type[T]) -> type[T]:
        cls.__read__ = source  # type: ignore[attr-defined]
        return cls

    return declare


def read(declaration: Declaration, description: str | None = None, name: str | None = None) -> Any:
    """Declare a field without arguments."""
    return strawberry.field(metadata={METADATA_KEY: declaration}, description=description, name=name, default=None)


def column(
    expression: Expression,
    description: str | None = None,
    *,
    field_class: FieldClass = FieldClass.PUBLIC,
    permission: str | None = None,
    of_subtree: bool = False,
) -> Any:
    """Declare a value of the row."""
    return read(Column(expression, field_class, permission, of_subtree), description)


def where(
    condition: Callable[[Row, Value], Any],
    description: str | None = None,
    *,
    permission: str | None = None,
    audited: bool = False,
    field_class: FieldClass = FieldClass.PUBLIC,
) -> Any:
    """Declare a filter's field: absent or null asks nothing."""
    declaration = Where(condition, permission, audited, field_class)
    return strawberry.field(metadata={METADATA_KEY: declaration}, description=description, default=None)


def signature(arguments: Mapping[str, Any]) -> Any:
    """Make the resolver that gives a field its arguments. It is never called: the compiler reads instead."""

    def resolve(_self: object, **_: object) -> None:
        message = "a compiled field has no resolver"
        raise AssertionError(message)

    parameters = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
    for name, annotation in arguments.items():
        default = Parameter.empty if _is_required(annotation) else strawberry.UNSET
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default))
    resolve.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    resolve.__annotations__ = dict(arguments)
    return resolve


def _is_required(annotation: object) -> bool:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return type(None) not in getattr(annotation, "__args__", ())


PAGE_ARGUMENTS: Mapping[str, Any] = {"first": int | None, "after": str | None, "last": int | None, "before": str | None}


def connection(
    declaration: Connection, description: str | None = None, *, arguments: Mapping[str, Any] | None = None
) -> Any:
    """Declare a connection; `arguments` are those beyond the page's, by their Python name and type."""
    return strawberry.field(
        signature({**(arguments or {}), **PAGE_ARGUMENTS}),
        metadata={METADATA_KEY: declaration},
        description=description,
    )


def derived(declaration: Derived, description: str | None = None, *, arguments: Mapping[str, Any]) -> Any:
    """Declare what is reckoned by arguments, which are given by their Python name and type."""
    return strawberry.field(signature(arguments), metadata={METADATA_KEY: declaration}, description=description)


def by_id(*types: str, description: str | None = None) -> Any:
    """Declare a root field that takes an `id`."""
    return strawberry.field(
        signature({"id": strawberry.ID}), metadata={METADATA_KEY: ById(types)}, description=description
    )
