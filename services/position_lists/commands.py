"""How is a list of posts taken in, all or nothing?"""

from __future__ import annotations

from dataclasses import dataclass

from services.position_lists.errors import PositionsHaveBadRows
from services.position_lists.queries import bodies_of, holders_of, kinds_of, places_of
from services.position_lists.reading import ListedPost
from services.position_lists.rules import (
    Directory,
    KnownBody,
    KnownKind,
    KnownPlace,
    ListProblem,
    Unresolved,
    problem_of,
)
from services.positions.commands import AccountName, Appointment, appoint_position, link_account
from services.positions.rules import APPOINT
from tenants.errors import Refused
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

# The columns in which a refused appointment shows.
_COLUMNS = {"placeId": "place", "bodyId": "body", "kind": "post", "phone": "phone", "dutyPhone": "duty_phone"}


@dataclass(frozen=True, slots=True)
class ListReport:
    """How many posts a list gave, and how many were held already."""

    appointed: int
    unchanged: int


class BadPositionRows(PositionsHaveBadRows):
    """Rows cannot be imported; these are the cells."""

    def __init__(self, problems: tuple[ListProblem, ...]) -> None:
        """Take the problems, in the order of the rows."""
        self.problems = problems
        super().__init__(row_count=len({(problem.sheet, problem.row) for problem in problems}))


async def import_positions(
    work: TenantWork, *, posts: tuple[ListedPost, ...], sealer: TenantSealer, issuer: str | None = None
) -> ListReport:
    """Give every post of a list from today on, except those that are held already.

    Accounts in the list are subjects of the issuer. Raises Forbidden, BadPositionRows.
    """
    work.require_some(APPOINT)
    directory = await _directory(work)
    problems: list[ListProblem] = []
    appointed = 0
    for post in posts:
        try:
            appointment = _appointment(work, post, directory, issuer)
            appointed += await _take(work, appointment, sealer)
        except Unresolved as unresolved:
            problems.append(unresolved.problem(post))
        except Refused as refused:
            column = _COLUMNS.get(refused.field or "", "name" if refused.field else "post")
            texts = {"zh": refused.text("zh"), "en": refused.text("en")}
            problems.append(problem_of(post, column, code=refused.code, **texts))
    if problems:
        raise BadPositionRows(tuple(problems))
    return ListReport(appointed, len(posts) - appointed)


def _appointment(work: TenantWork, post: ListedPost, directory: Directory, issuer: str | None) -> Appointment:
    kind = directory.kind(post)
    place_id = directory.place_id(post, kind)
    if not post.name:
        raise Unresolved("name", "MISSING", "缺少姓名", "the name is missing")
    if post.account and not issuer:
        raise Unresolved(
            "account",
            "ISSUER_MISSING",
            "有账号时要用 --issuer 说明由谁签发",
            "say with --issuer who vouches for accounts",
        )
    # Whoever stands on the duty board is reached by the number in the list, unless it names another.
    duty_phone = post.duty_phone or (post.phone if kind.is_on_board else "")
    return Appointment(
        kind_code=kind.code,
        place_id=place_id,
        since=work.today(),
        name=post.name,
        phone=post.phone or None,
        body_id=directory.body_id(post, kind, place_id=place_id),
        account=AccountName(issuer, post.account) if post.account and issuer else None,
        duty_phone=duty_phone or None,
        is_from_roster=True,
    )


async def _take(work: TenantWork, appointment: Appointment, sealer: TenantSealer) -> bool:
    """Give a post, or its account to one that is held without; tell whether anything changed.

    It is held by somebody of the name whose number is the same or not known.
    """
    holders = await work.session.execute(
        holders_of(
            work.tenant.id,
            kind_code=appointment.kind_code,
            place_id=appointment.place_id,
            name_index=sealer.index(appointment.name or "", purpose=Purpose.NAME),
            today=work.today(),
        )
    )
    mine = sealer.index(appointment.phone, purpose=Purpose.PHONE) if appointment.phone else None
    held = [row for row in holders if mine is None or row.phone_index in (None, mine)]
    if not held:
        await appoint_position(work, appointment=appointment, sealer=sealer)
        return True
    if appointment.account is None or any(row.account_id for row in held):
        return False
    await link_account(work, position_id=held[0].id, account=appointment.account)
    return True


async def _directory(work: TenantWork) -> Directory:
    tenant = work.tenant
    kinds = await work.session.scalars(kinds_of(tenant.id))
    places = [KnownPlace(*row) for row in await work.session.execute(places_of(tenant.id))]
    own = next(place for place in places if place.kind == tenant.kind)
    return Directory(
        tenant_name=tenant.name,
        tenant_place_id=own.id,
        kinds=[
            KnownKind(
                kind.code,
                kind.name,
                tuple(filter(None, kind.place_kinds.split(","))),
                tuple(filter(None, kind.body_kinds.split(","))),
                kind.board_rank is not None,
            )
            for kind in kinds
        ],
        places=places,
        bodies=await _bodies(work),
    )


async def _bodies(work: TenantWork) -> list[KnownBody]:
    found: dict[object, KnownBody] = {}
    for row in await work.session.execute(bodies_of(work.tenant.id, today=work.today())):
        known = found.get(row.id) or KnownBody(row.id, row.kind, row.name)
        estates = {estate for estate in (row.place_id, row.estate_id) if estate is not None}
        found[row.id] = KnownBody(known.id, known.kind, known.name, known.estate_ids | estates)
    return list(found.values())
