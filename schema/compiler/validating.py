"""Is a document valid? All rules of graphql-core, asked for less.

graphql-core's `validate` looks each method of each rule up anew for each document, goes through names, of which no rule
has anything to say, and finds by another such round where variables are used: seven times as long as it takes to parse.
The rules here are the library's own, asked in the same order, and so are their complaints.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import FragmentDefinitionNode, TypeInfo, Visitor, assert_valid_schema, visit
from graphql.language.visitor import BREAK, EnterLeaveVisitor
from graphql.pyutils import RefMap
from graphql.validation import MaxIntrospectionDepthRule, ValidationContext, specified_rules
from graphql.validation.validate import (
    FragmentNestingVisitor,
    ValidationAbortedError,
    query_document_keys_to_validate,
)
from graphql.validation.validation_context import VariableUsageVisitor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphql import DocumentNode, GraphQLError, GraphQLSchema, Node, OperationDefinitionNode
    from graphql.validation.validation_context import VariableUsage

RULES = tuple(dict.fromkeys((*specified_rules, MaxIntrospectionDepthRule)))
MOST_ERRORS = 20

_KEYS = {
    kind: tuple(key for key in keys if key not in ("name", "alias"))
    for kind, keys in query_document_keys_to_validate.items()
}


def find_errors(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Tell what `graphql.validate` would by the same rules, without suggestions and up to the most errors."""
    assert_valid_schema(schema)
    errors: list[GraphQLError] = []

    def report(error: GraphQLError) -> None:
        if len(errors) >= MOST_ERRORS:
            raise ValidationAbortedError("Too many validation errors, error limit reached. Validation aborted.")
        errors.append(error)

    info = TypeInfo(schema)
    context = _Context(schema, document, info, report, hide_suggestions=True)
    visitors: list[Visitor] = [rule(context) for rule in RULES]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    if fragments:
        visitors.insert(0, FragmentNestingVisitor(fragments))
    try:
        visit(document, _Together(info, visitors), _KEYS)
    except ValidationAbortedError as error:
        # Kept with the request's answer, without what was at work when it was raised.
        error.__context__ = None
        errors.append(error.with_traceback(None))
    except RecursionError:
        errors.append(ValidationAbortedError("Validation aborted."))
    return errors


class _Context(ValidationContext):
    """Remembers by node what the library remembers by all that is in a node, which has to be gone through each time."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        info: TypeInfo,
        report: Callable[[GraphQLError], None],
        *,
        hide_suggestions: bool,
    ) -> None:
        super().__init__(schema, document, info, report, hide_suggestions)
        # The library declares dictionaries, and asks no more of them than such a map does, hence the ignores.
        self._fragment_spreads = RefMap()  # type: ignore[assignment]
        self._variable_usages = RefMap()  # type: ignore[assignment]
        self._recursive_variable_usages = RefMap()  # type: ignore[assignment]
        self._has_variables = document.loc is None or "$" in document.loc.source.body

    def get_variable_usages(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> list[VariableUsage]:
        """Find where variables are used within an operation or a fragment."""
        usages = self._variable_usages.get(node)
        if usages is None:
            fragment = node if isinstance(node, FragmentDefinitionNode) else None
            visitor = VariableUsageVisitor(self._type_info, fragment)
            if self._has_variables:
                visit(node, _Together(self._type_info, [visitor]), _KEYS)
            usages = self._variable_usages[node] = visitor.usages
        return usages


class _Together(Visitor):
    """Follows the types through a document and lets several visitors look at it at once."""

    def __init__(self, info: TypeInfo, visitors: Sequence[Visitor]) -> None:
        super().__init__()
        self._info = info
        self._visitors = visitors
        self._classes = tuple(map(type, visitors))
        # Who is not to be asked, and which of them until which node is left.
        self._rests = [False] * len(visitors)
        self._rested: dict[int, list[int]] = {}

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        """Find what is done at nodes of a kind."""
        found = self.enter_leave_map.get(kind)
        if found is None:
            found = self.enter_leave_map[kind] = EnterLeaveVisitor(self._entering(kind), self._leaving(kind))
        return found

    def _asked(self, step: str, kind: str) -> list[tuple[int, Callable[..., Any]]]:
        return [(number, getattr(self._visitors[number], name)) for number, name in _methods(self._classes, step, kind)]

    def _entering(self, kind: str) -> Callable[..., None] | None:
        asked, rests, rested = self._asked("enter", kind), self._rests, self._rested
        follow = getattr(self._info, f"enter_{kind}", None)
        if not asked:
            return follow and (lambda node, *_: follow(node))

        def enter(node: Node, *around: Any) -> None:
            if follow is not None:
                follow(node)
            for number, ask in asked:
                if not rests[number]:
                    told = ask(node, *around)
                    if told is not None:
                        rests[number] = True
                        if told is not BREAK:
                            rested.setdefault(id(node), []).append(number)

        return enter

    def _leaving(self, kind: str) -> Callable[..., None]:
        asked, rests, rested = self._asked("leave", kind), self._rests, self._rested
        follow = getattr(self._info, f"leave_{kind}", None)

        def leave(node: Node, *around: Any) -> None:
            for number, ask in asked:
                if not rests[number] and ask(node, *around) is BREAK:
                    rests[number] = True
            for number in rested.pop(id(node), ()):
                rests[number] = False
            if follow is not None:
                follow()

        return leave


@cache
def _methods(classes: tuple[type[Visitor], ...], step: str, kind: str) -> tuple[tuple[int, str], ...]:
    """Name the method of each visitor that has one for a kind of node, or one for all kinds."""
    names = (next((name for name in (f"{step}_{kind}", step) if hasattr(class_, name)), None) for class_ in classes)
    return tuple((number, name) for number, name in enumerate(names) if name is not None)
