"""How is a list of posts taken in, all or nothing?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from services.cases.backlog import let_shared_work_wait, redraw_work
from services.cases.working import list_own_posts
from services.position_lists.errors import PositionsHaveBadRows
from services.position_lists.queries import FIND_ACCOUNT, Holder, account_of, bodies_of, holders_of, kinds_of, places_of
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
from services.positions.commands import AccountName, Appointment, appoint_position, end_position, link_account
from services.positions.rules import APPOINT
from tenants.entrance import entered
from tenants.errors import Refused
from tenants.grants import Grants
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

# The columns in which a refused appointment shows.
_COLUMNS = {"placeId": "place", "bodyId": "body", "kind": "post", "phone": "phone", "dutyPhone": "duty_phone"}


@dataclass(frozen=True, slots=True)
class ListOptions:
    """Who vouches for the accounts in a list, and whether they take the places of those that posts have."""

    issuer: str | None = None
    replaces_accounts: bool = False


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
    work: TenantWork, *, posts: tuple[ListedPost, ...], sealer: TenantSealer, options: ListOptions
) -> ListReport:
    """Give every post of a list from today on, except those that are held already.

    A post held with another account than the list says is a bad row, or is ended and given anew. Raises Forbidden,
    BadPositionRows.
    """
    work.require_some(APPOINT)
    directory = await _directory(work)
    problems: list[ListProblem] = []
    appointed = 0
    for post in posts:
        try:
            appointment = _appointment(work, post, directory, options.issuer)
            appointed += await _take(work, appointment, sealer, options)
        except Unresolved as unresolved:
            problems.append(unresolved.problem(post))
        except Refused as refused:
            column = _COLUMNS.get(refused.field or "", "name" if refused.field else "post")
            texts = {"zh": refused.text("zh"), "en": refused.text("en")}
            problems.append(problem_of(post, column, code=refused.code, **texts))
    if problems:
        raise BadPositionRows(tuple(problems))
    if appointed:
        await redraw_work(work)
        await let_shared_work_wait(work, posts=await list_own_posts(work))
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


async def _take(work: TenantWork, appointment: Appointment, sealer: TenantSealer, options: ListOptions) -> bool:
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
    held = [Holder(*row) for row in holders if mine is None or row.phone_index in (None, mine)]
    if not held:
        await appoint_position(work, appointment=appointment, sealer=sealer)
        return True
    return appointment.account is not None and await _settle_account(
        work, appointment, appointment.account, held=held, sealer=sealer, replaces=options.replaces_accounts
    )


async def _settle_account(
    work: TenantWork,
    appointment: Appointment,
    account: AccountName,
    *,
    held: Sequence[Holder],
    sealer: TenantSealer,
    replaces: bool,
) -> bool:
    """See to it that a post that is held has the account that the list says; tell whether anything changed."""
    values = {"id": work.new_id(), "issuer": account.issuer, "subject": account.subject}
    wanted = await work.session.scalar(FIND_ACCOUNT, values)
    if any(row.account_id == wanted for row in held):
        return False
    others = [row for row in held if row.account_id is not None]
    if not others:
        await link_account(work, position_id=held[0].id, account=account)
        return True
    if not replaces:
        raise await _differing(work, account, account_id=others[0].account_id)
    for row in others:
        # The operator's way back from a wrong issuer: the post was never that account's.
        await end_position(work, position_id=row.id, last_day=work.today() - timedelta(days=1))
    await appoint_position(work, appointment=appointment, sealer=sealer)
    return True


async def _differing(work: TenantWork, account: AccountName, *, account_id: uuid.UUID | None) -> Unresolved:
    held = await _name_account(work, account_id)
    return Unresolved(
        "account",
        "ACCOUNT_DIFFERS",
        f"这个岗位的账号是 {held}，文件里是 {account.subject}（{account.issuer}）；"
        "请改正文件，或用 --replace-accounts 换账号",
        f"the post has the account {held}, the file says {account.subject} of {account.issuer}: "
        "correct the file, or give --replace-accounts",
    )


async def _name_account(work: TenantWork, account_id: uuid.UUID | None) -> str:
    engine = work.session.bind
    if account_id is None or not isinstance(engine, AsyncEngine):
        raise LookupError(account_id)
    # An account is seen by itself alone, so it is read as itself; one made by this very list is not there yet.
    async with entered(engine, grants=Grants(None, account_id)) as connection:
        row = (await connection.execute(account_of(account_id))).first()
    return f"{row.subject}（{row.issuer}）" if row else "…"


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
