"""What does a caller's query export: which table, which of its columns, and is it personal?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from schema.compiler.context import RequestContext
from schema.compiler.documents import InvalidRequest
from schema.compiler.faults import NoSuchOperation, TooCostly
from schema.compiler.plan import MAX_PAGE
from schema.exports.paged import AFTER, COUNTS, FIRST, paged_document
from schema.exports.parts import Leaf, headers
from schema.exports.shape import TableShape, shape_of
from services.exports.errors import ExportNotATable, ExportQueryInvalid
from services.exports.rules import Asked
from tenants.errors import Forbidden
from tenants.work import utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schema.compiler.documents import Operation
    from schema.compiler.plan import Plan
    from schema.compiler.reading import Reader
    from tenants.grants import Grants

LONGEST_QUERY = 20_000
_SIZES = (MAX_PAGE, 20, 4, 1)


@dataclass(frozen=True, slots=True)
class Question:
    """A query that is exported, as it came."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None = None
    # Of several lists, which one.
    wanted: str | None = None
    # Columns beyond which it must not grow, by their response keys: those that were asked for at first.
    kept: tuple[str, ...] | None = None

    def text(self, kept: tuple[str, ...]) -> str:
        """Write it down, with its columns."""
        held = {"query": self.query, "variables": self.variables, "operation": self.operation_name, "list": self.wanted}
        return orjson.dumps({**held, "kept": kept}).decode()

    @classmethod
    def read(cls, text: str) -> Question:
        """Read what was written down."""
        held = orjson.loads(text)
        return cls(held["query"], held["variables"], held["operation"], held["list"], tuple(held["kept"]))


@dataclass(frozen=True, slots=True)
class Table:
    """A question's table for one caller: the document that reads a page of it, and the columns that he may see."""

    shape: TableShape
    operation: Operation
    given: Mapping[str, Any]
    columns: tuple[Leaf, ...]
    # Fields by which a sealed value is searched.
    audits: tuple[str, ...] = ()
    # How many of the list's rows are read at once.
    size: int = MAX_PAGE

    @property
    def is_personal(self) -> bool:
        """Tell whether it says anything of people."""
        return bool(self.audits) or any(leaf.is_personal for leaf in self.columns)

    def variables(self, after: str | None = None, *, counts: bool = False) -> dict[str, Any]:
        """Give the coerced variables of one page."""
        page = {FIRST: self.size, AFTER: after, COUNTS: counts} if self.shape.rows.is_connection else {}
        return self.operation.coerce({**self.given, **page})

    def plan(self, reader: Reader, grants: Grants, variables: Mapping[str, Any]) -> Plan:
        """Find or make the plan of a page. Raises Refused."""
        return reader.plan(self.operation, variables, grants)


def table_of(reader: Reader, grants: Grants, question: Question) -> Table:
    """Find what a question exports for a caller. Raises Refused: for what is no table, and for what he may not read."""
    if len(question.query) > LONGEST_QUERY:
        raise ExportQueryInvalid(detail=f"> {LONGEST_QUERY}", field="input.query")
    try:
        operation = reader.document(question.query).operation(question.operation_name)
        coerced = operation.coerce(question.variables)
        shape = shape_of(reader.model, operation, coerced, wanted=question.wanted)
        paged = reader.document(paged_document(operation, shape)).operation(None)
    except InvalidRequest as invalid:
        raise ExportQueryInvalid(detail=invalid.errors[0].message, field="input.query") from invalid
    except NoSuchOperation as missing:
        raise ExportQueryInvalid(detail=missing.text("en"), field="input.operationName") from missing
    table = Table(shape, paged, question.variables, tuple(shape.columns))
    plan = table.plan(reader, grants, table.variables(counts=True))
    for refused in plan.refusals:
        if f"{shape.rows.dotted}.".startswith(f"{refused.field}."):
            raise Forbidden(permission=refused.permission or "", field="input.query")
    hidden = tuple(f"{refused.field}." for refused in plan.refusals)
    seen = tuple(leaf for leaf in shape.columns if not f"{leaf.dotted}.".startswith(hidden))
    if question.kept is not None:
        seen = tuple(leaf for leaf in seen if leaf.dotted in question.kept)
    if not seen:
        raise ExportNotATable(where=shape.rows.dotted, field="input.query")
    return _sized(replace(table, columns=seen, audits=plan.audits), plan, grants)


def _sized(table: Table, plan: Plan, grants: Grants) -> Table:
    """Read fewer rows at once, where each holds much. Raises TooCostly."""
    context = RequestContext(grants, utc_now().date(), "")
    for size in _SIZES[:-1]:
        smaller = replace(table, size=size)
        with suppress(TooCostly):
            plan.cost.check(smaller.variables(), context)
            return smaller
    smallest = replace(table, size=_SIZES[-1])
    plan.cost.check(smallest.variables(), context)
    return smallest


def asked_for(table: Table, question: Question, *, title: str | None, file_format: str, language: str) -> Asked:
    """Say in the feature's words what a question asks for."""
    top = table.shape.rows if len(table.shape.path) == 1 else table.shape.path[1]
    own = top.label.in_language(language) if top.label else table.shape.what
    return Asked(
        request=question.text(tuple(leaf.dotted for leaf in table.columns)),
        what=table.shape.what,
        title=title if title is not None else own,
        format=file_format,
        language=language,
        columns=tuple(headers(table.columns, language)),
        is_personal=table.is_personal,
    )
