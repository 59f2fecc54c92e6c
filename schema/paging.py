"""What does a connection look like to clients?"""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

NodeType = TypeVar("NodeType")


@strawberry.type(name="PageInfo", description="Where a page lies in its list.")
class PageInfoType:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(name="Edge")
class EdgeType(Generic[NodeType]):
    """One row of a page with its cursor."""

    cursor: str
    node: NodeType


@strawberry.type(name="Connection")
class ConnectionType(Generic[NodeType]):
    """A page of an unbounded list: `first` or `last` at most 100, 20 when not given."""

    edges: list[EdgeType[NodeType]]
    nodes: list[NodeType]
    page_info: PageInfoType
    total_count: int = strawberry.field(description="All rows that match; counted only when asked for.")
