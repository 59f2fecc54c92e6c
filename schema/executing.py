"""Who executes what is not a compiled query: mutations, and questions about the schema itself?"""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import orjson
from graphql import DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, execute

from schema.answers import answer, graphql_errors, planned_refusal
from schema.mutation import SplicingExecutor
from tenants.outages import is_outage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import ExecutionResult, GraphQLSchema

    from schema.compiler.documents import Operation
    from schema.compiler.plan import Plan
    from schema.context import GatewayContext


async def run_mutation(schema: GraphQLSchema, context: GatewayContext, given: Mapping[str, Any]) -> bytes:
    """Run a mutation's fields one after the other and answer with their payloads."""
    operation = context.operation
    found: Any = execute(
        schema,
        DocumentNode(definitions=(operation.node, *operation.fragments.values())),
        context_value=context,
        variable_values=dict(given),
        executor_class=SplicingExecutor,
    )
    result: ExecutionResult = await found if isawaitable(found) else found
    _raise_outage(operation, result)
    errors = graphql_errors(result.errors or (), context.language)
    errors += [planned_refusal(refused, context.language) for refused in context.refusals]
    return answer(None if result.data is None else orjson.dumps(result.data), errors)


def _raise_outage(operation: Operation, result: ExecutionResult) -> None:
    """Leave it to the status to say that nothing was done, where one field was asked for and it was not reached."""
    asked = operation.node.selection_set.selections
    if len(asked) > 1 or not isinstance(asked[0], FieldNode) or result.data is not None:
        return
    for error in result.errors or ():
        if error.original_error is not None and is_outage(error.original_error):
            raise error.original_error


def introspect(schema: GraphQLSchema, operation: Operation, plan: Plan, given: Mapping[str, Any]) -> ExecutionResult:
    """Answer the part of a query that asks about the schema."""
    nodes = [node for asked in plan.introspection.values() for node in asked]
    alone = OperationDefinitionNode(
        operation=operation.node.operation,
        name=operation.node.name,
        variable_definitions=operation.node.variable_definitions,
        directives=operation.node.directives,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    document = DocumentNode(definitions=(alone, *operation.fragments.values()))
    result: Any = execute(schema, document, variable_values=dict(given))
    found: ExecutionResult = result
    return found


def merge(keys: tuple[str, ...], read: bytes, introspected: Mapping[str, Any] | None) -> bytes | None:
    """Put the answers about the schema where they were asked for; where they cannot be null, nothing is answered."""
    if introspected is None:
        return None
    data: dict[str, Any] = orjson.loads(read)
    return orjson.dumps({key: introspected[key] if key in introspected else data[key] for key in keys})
