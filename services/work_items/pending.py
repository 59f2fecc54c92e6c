"""What can wait about a case besides its next step?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """Something that waits: by which permission it is done, and for whose people."""

    permission: str
    reason: str
    body_id: uuid.UUID
    # Accounts that may not do it.
    kept_from: frozenset[uuid.UUID] = frozenset()
    # By when, if not by when the case is due.
    due_at: datetime | None = None
    # A part of the case, given to a post or to a body as a whole, whatever else that may do with the case.
    is_task: bool = False
    position_id: uuid.UUID | None = None
