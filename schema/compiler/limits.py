"""Is a document small enough to be looked at? Asked before it is validated, which costs far more."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode

from schema.compiler.faults import TooDeep, TooManyAliases, TooManyParts

if TYPE_CHECKING:
    from graphql import DocumentNode, SelectionSetNode

MAX_DEPTH = 12
MAX_ALIASES = 15
MAX_DIRECTIVES = 50
MAX_FIELDS = 500
MAX_FRAGMENTS = 100
MAX_TOKENS = 5000
# What an operation unfolds to once fragments are spread and interfaces taken apart.
# A lookup takes two milliseconds to plan, when all other requests wait, and half a kilobyte of SQL.
MAX_UNFOLDED = 1000
MAX_LOOKUPS = 120


def check_document(document: DocumentNode) -> None:
    """Go on only with a document within the limits of depth, aliases, fields, fragments and directives.

    Raises TooDeep, TooManyAliases, TooManyParts.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    # Fragments that use each other are followed one inside the other, here and in validation.
    if len(fragments) > MAX_FRAGMENTS:
        raise TooManyParts(what="fragments", count=len(fragments), limit=MAX_FRAGMENTS)
    counter = _Counter()
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            counter.count(definition.selection_set, definition.directives or ())
    counter.check()
    measure = _Depth(fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            depth = measure.of(definition.selection_set, frozenset())
            if depth > MAX_DEPTH:
                raise TooDeep(depth=depth, limit=MAX_DEPTH)


class Extent:
    """How large a statement grows while it is planned: a few fragments that use each other unfold to any size."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._fields = 0
        self._lookups = 0

    def add_fields(self, count: int) -> None:
        """Count the fields of one more object.

        Raises TooManyParts.
        """
        self._fields += count
        if self._fields > MAX_UNFOLDED:
            raise TooManyParts(what="unfolded fields", count=f">{MAX_UNFOLDED}", limit=MAX_UNFOLDED)

    def add_lookup(self) -> int:
        """Count one more sub-select and give its number.

        Raises TooManyParts.
        """
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            raise TooManyParts(what="lookups", count=f">{MAX_LOOKUPS}", limit=MAX_LOOKUPS)
        return self._lookups


class _Counter:
    def __init__(self) -> None:
        self.aliases: Counter[str] = Counter()
        self.fields = 0
        self.directives = 0

    def count(self, selections: SelectionSetNode, directives: tuple[object, ...] = ()) -> None:
        self.directives += len(directives)
        stack = [selections]
        while stack:
            for node in stack.pop().selections:
                self.directives += len(node.directives or ())
                if isinstance(node, FieldNode):
                    self.fields += 1
                    self.aliases[node.name.value] += node.alias is not None
                below = getattr(node, "selection_set", None)
                if below is not None:
                    stack.append(below)

    def check(self) -> None:
        for name, count in self.aliases.most_common(1):
            if count > MAX_ALIASES:
                raise TooManyAliases(name=name[:40], count=count, limit=MAX_ALIASES)
        for what, count, limit in (
            ("fields", self.fields, MAX_FIELDS),
            ("directives", self.directives, MAX_DIRECTIVES),
        ):
            if count > limit:
                raise TooManyParts(what=what, count=count, limit=limit)


class _Depth:
    """Measures levels of fields through fragments; a fragment that contains itself is left to validation."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, int] = {}

    def of(self, selections: SelectionSetNode, inside: frozenset[str]) -> int:
        deepest = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                # Introspection has a depth rule of its own.
                if node.selection_set is None or node.name.value.startswith("__"):
                    depth = 1
                else:
                    depth = 1 + self.of(node.selection_set, inside)
            elif isinstance(node, FragmentSpreadNode):
                depth = self._of_fragment(node.name.value, inside)
            else:
                depth = self.of(node.selection_set, inside)  # type: ignore[attr-defined]
            deepest = max(deepest, depth)
        return deepest

    def _of_fragment(self, name: str, inside: frozenset[str]) -> int:
        if name in inside or name not in self._fragments:
            return 0
        if name not in self._known:
            self._known[name] = self.of(self._fragments[name].selection_set, inside | {name})
        return self._known[name]
