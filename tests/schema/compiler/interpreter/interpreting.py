"""What should an operation answer, and what should it refuse?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from schema.compiler.context import RequestContext
from schema.compiler.declare import Root
from schema.compiler.documents import Operation
from schema.compiler.model import ReadModel
from schema.compiler.plan import PlannedRefusal
from tests.schema.compiler.interpreter.refusing import Refusing
from tests.schema.compiler.interpreter.rows import Rows
from tests.schema.compiler.interpreter.selecting import Asked
from tests.schema.compiler.interpreter.sights import Sights
from tests.schema.compiler.interpreter.walking import Walker


@dataclass(slots=True)
class Interpreter:
    """Answers one caller's operations; the connection is one that sees everything."""

    model: ReadModel
    connection: AsyncConnection
    context: RequestContext
    rows: Rows = field(init=False)

    def __post_init__(self) -> None:
        self.rows = Rows(self.connection, self.context)

    async def answer(
        self, operation: Operation, variables: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[PlannedRefusal]]:
        """Answer a query's fields, without questions about the schema itself."""
        asked = Asked(self.model, operation.fragments, variables)
        sights = Sights(self.context.grants, self.rows)
        walker = Walker(self.model, asked, self.rows, sights, self.context)
        selected = asked.of_root(operation.node.selection_set)
        has_tenant = self.context.grants.tenant is not None
        data = {}
        for key, nodes in selected.items():
            name = nodes[0].name.value
            declared = self.model.fields.get(("Query", name))
            is_free = name == "__typename" or isinstance(declared, Root) or getattr(declared, "of_account", False)
            data[key] = await walker.field("Query", None, nodes) if has_tenant or is_free else None
        return data, Refusing(walker).root(selected)
