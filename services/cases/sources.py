"""By which way may whoever holds which kind of post report, and for whom else?"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import select

from services.cases.errors import NobodyElse, SourceNotYours
from services.cases.queries import account_of_person
from services.people.reach import is_in_reach
from services.people.tables import Person
from services.positions.tables import PositionKind
from tenants.errors import NotFound
from tenants.work import TenantWork

_FILE = Path(__file__).with_name("sources.csv")
# Ways by which somebody else comes than whoever writes it down.
ON_BEHALF = frozenset({"VISIT", "HOTLINE", "WINDOW", "MEETING"})
# The line for kinds of post of a tenant's own that are none of the starting ones.
_OWN_KINDS = ""


@cache
def sources_by_kind() -> Mapping[str, frozenset[str]]:
    """List the ways to report by the kinds of post that may use them."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {line["position_kind"]: frozenset(line["sources"].split()) for line in csv.DictReader(file)}


def sources_of(kinds: Collection[str]) -> frozenset[str]:
    """Tell the ways that are open to whoever holds posts of these kinds."""
    known = sources_by_kind()
    return frozenset[str]().union(*(known.get(kind, known[_OWN_KINDS]) for kind in kinds))


async def check_source(work: TenantWork, source: str) -> None:
    """Go on only by a way that is open to one of the caller's posts. Raises SourceNotYours."""
    kinds = await work.remember("kinds of post", lambda: _kinds(work))
    grants_as = dict(kinds)
    held = {grants_as.get(post.kind_code, post.kind_code) for post in work.grants.positions}
    if source not in sources_of(held):
        raise SourceNotYours(known=", ".join(sorted(sources_of(held))), field="source")


async def _kinds(work: TenantWork) -> list[tuple[str, str]]:
    asked = select(PositionKind.code, PositionKind.grants_as).where(PositionKind.tenant_id == work.tenant.id)
    return [(row.code, row.grants_as) for row in await work.session.execute(asked)]


async def check_on_behalf(work: TenantWork, *, person_id: uuid.UUID, source: str) -> uuid.UUID | None:
    """Go on only for a person whom the caller may read, by a way that people come by; tell the person's account.

    With an account, they see what was reported for them, and rate it. Raises NobodyElse, NotFound.
    """
    if source not in ON_BEHALF:
        raise NobodyElse(field="reporterPersonId")
    reach = is_in_reach(work, permission="resident:read")
    mine = (Person.tenant_id == work.tenant.id, Person.id == person_id)
    if reach is None or await work.session.scalar(select(Person.id).where(*mine, reach)) is None:
        raise NotFound(field="reporterPersonId")
    account: uuid.UUID | None = await work.session.scalar(
        account_of_person(work.tenant.id, person_id, today=work.today())
    )
    return account
