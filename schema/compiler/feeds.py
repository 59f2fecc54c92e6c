"""How does a root field of subscriptions say what it delivers?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import strawberry

from schema.compiler.declare import METADATA_KEY, signature

if TYPE_CHECKING:
    from sqlalchemy import FromClause


@dataclass(frozen=True)
class Feed:
    """What has happened to rows of a type, each event with images of the row: delivered as a subscription."""

    type_name: str
    # The table of events: `sequence`, `at`, `action`, `tenant_id`, `street_id`, `district_id`, `before`, `after`.
    events: Callable[[str], FromClause]
    # The column of it that names the row.
    row_id: str


@dataclass(frozen=True)
class Letters:
    """What is written to accounts, in whichever tenants, each row in its place in one order: a subscription of it.

    The type's table has `sequence`, `at`, `kind`, `account_id` and `tenant_id`.
    """

    type_name: str


def feed(declaration: Feed | Letters, description: str | None = None, *, arguments: Mapping[str, Any]) -> Any:
    """Declare a root field of subscriptions; `arguments` may have a `filter`, and `after` to go on from is added."""
    return strawberry.field(
        signature({**arguments, "after": str | None}), metadata={METADATA_KEY: declaration}, description=description
    )
