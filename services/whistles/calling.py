"""Who has a part in a whistle that has not ended, and for whom does it wait?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.whistles.rules import ANSWER, BLOW
from services.whistles.tables import Whistle, WhistleCallee
from services.work_items.pending import Pending


@dataclass(slots=True)
class Call:
    """A whistle with all whom it calls."""

    whistle: Whistle
    callees: list[WhistleCallee] = field(default_factory=list)

    def parties(self) -> dict[uuid.UUID, str]:
        """Tell the bodies that see the case because of it, and why: as reasons of shares."""
        found = {self.whistle.office_body_id: "WHISTLE_ASKED"}
        for callee in self.callees:
            if callee.decider_body_id is not None:
                found.setdefault(callee.decider_body_id, "WHISTLE_DECLINED")
        return found | {callee.body_id: "WHISTLED" for callee in self.callees if callee.status != "EXCUSED"}

    def pending(self) -> Iterator[Pending]:
        """Tell what waits in it."""
        if self.whistle.status == "REQUESTED":
            yield Pending(BLOW, "TO_WHISTLE", self.whistle.office_body_id)
        for callee in self.callees:
            if callee.status == "CALLED":
                yield Pending(ANSWER, "TO_ANSWER_WHISTLE", callee.body_id, due_at=callee.respond_by)
            elif callee.status == "COMING":
                yield Pending(ANSWER, "TO_ARRIVE", callee.body_id, due_at=callee.arrive_by)
            elif callee.status == "DECLINED" and callee.decider_body_id is not None:
                yield Pending(BLOW, "TO_DECIDE", callee.decider_body_id)

    def tell(self, tenant_id: int, *, street_id: int | None, district_id: int | None) -> None:
        """Let an office above read all of it from now on, if it is one of these two."""
        rows: list[Whistle | WhistleCallee] = [self.whistle, *self.callees]
        for row in rows:
            row.told_street_id = street_id if tenant_id == street_id else row.told_street_id
            row.told_district_id = district_id if tenant_id == district_id else row.told_district_id


def calls_of(rows: Iterable[tuple[Whistle, WhistleCallee | None]]) -> list[Call]:
    """Put whistles together with whom they call, from rows of both, in their order."""
    found: dict[uuid.UUID, Call] = {}
    for whistle, callee in rows:
        call = found.setdefault(whistle.id, Call(whistle))
        if callee is not None:
            call.callees.append(callee)
    return list(found.values())
