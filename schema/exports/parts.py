"""What are the parts of an answer: objects and lists of them, and the values that become columns?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphql import FieldNode


@dataclass(frozen=True, slots=True)
class Label:
    """What something is called in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Tell it in one of them."""
        return self.zh if language == "zh" else self.en

    def below(self, above: Label | None) -> Label:
        """Say of what it is a part."""
        return self if above is None else Label(f"{above.zh}·{self.zh}", f"{above.en} · {self.en}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value in the answer: a column."""

    node: FieldNode
    key: str
    # Response keys from the root, as refusals name it.
    dotted: str
    # What it is called by itself, and with what it is a part of.
    own: Label
    whole: Label
    type_name: str
    is_personal: bool
    # Of which of an interface's types alone.
    on: str | None = None
    # It is there for another of them already.
    is_again: bool = False


@dataclass(slots=True)
class Part:
    """An object, or a list of objects, in the answer."""

    key: str
    dotted: str
    label: Label | None
    node: FieldNode | None = None
    is_list: bool = False
    is_connection: bool = False
    # Of a list that is no connection, how many there are at most, whether or not there would be more.
    limit: int | None = None
    # It has a `name` that everybody who sees it may know.
    has_name: bool = False
    on: str | None = None
    is_again: bool = False
    leaves: list[Leaf] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    # Both in the order in which they were asked for.
    items: list[Leaf | Part] = field(default_factory=list)

    def add(self, item: Leaf | Part) -> None:
        """Add what is asked for next."""
        if isinstance(item, Leaf):
            self.leaves.append(item)
        else:
            self.parts.append(item)
        self.items.append(item)

    def keep_list(self, key: str) -> Part | None:
        """Leave out the lists in it, and what leads to one, but for the one under a key; give that."""
        kept = [part for part in self.parts if part.key == key or not (part.is_list or part.listed)]
        self.items = [item for item in self.items if not isinstance(item, Part) or item in kept]
        self.parts = kept
        return next((part for part in kept if part.key == key), None)

    @property
    def listed(self) -> list[Part]:
        """Tell which parts are lists, or lead to one."""
        return [part for part in self.parts if not part.is_again and (part.is_list or part.listed)]

    def columns(self) -> Iterator[Leaf]:
        """Give every value in it and below, each once."""
        for item in self.items:
            if isinstance(item, Part):
                yield from () if item.is_again else item.columns()
            elif not item.is_again:
                yield item


def headers(columns: Sequence[Leaf], language: str) -> list[str]:
    """Name columns: shortly, where that is clear; else with what they are a part of."""
    own = [leaf.own.in_language(language) for leaf in columns]
    named = [
        short if own.count(short) == 1 else leaf.whole.in_language(language)
        for short, leaf in zip(own, columns, strict=True)
    ]
    return [
        name if named.count(name) == 1 else f"{name} ({leaf.dotted})" for name, leaf in zip(named, columns, strict=True)
    ]
