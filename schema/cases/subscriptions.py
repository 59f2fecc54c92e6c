"""What are clients told of cases, as it happens?"""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.cases.enums import CaseStepKind
from schema.cases.filters import CaseFilter
from schema.cases.types import CaseType
from schema.compiler.declare import plain_table
from schema.compiler.feeds import Feed, feed
from services.outbox.tables import Event


@strawberry.type(name="CaseChange", description="变化: a step that a case has taken.")
class CaseChangeType:
    """A step of a case."""

    cursor: str = strawberry.field(description="Where to go on from: `after`, on any process, for 24 hours.")
    action: CaseStepKind
    at: datetime
    case: CaseType | None = strawberry.field(
        description="As it is when the change is delivered; null when it is no longer within your reach."
    )


@strawberry.type
class CaseSubscriptions:
    """What happens to cases."""

    case_changed: CaseChangeType | None = feed(
        Feed(type_name="Case", events=plain_table(Event).alias, row_id="case_id"),
        "诉求动态: every step of a case that was within your reach and matched the filter before it or after it. In "
        "the order in which they happened, each at least once; with `after`, those since then come first.",
        arguments={"filter": CaseFilter | None},
    )
