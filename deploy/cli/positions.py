"""How does an operator bring in the posts of a tenant's first day from a file?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.inside import inside_tenant
from deploy.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from services.position_lists.commands import ListOptions, ListReport
    from services.position_lists.rules import ListProblem

_COLUMNS = {
    "name": "姓名",
    "phone": "电话",
    "duty_phone": "公示电话",
    "post": "岗位",
    "place": "地点",
    "body": "单位",
    "account": "账号",
}


def positions(
    file: Annotated[Path, typer.Argument(help="The list: .xlsx, .xls, or .csv in UTF-8 or GB18030.")],
    *,
    tenant: Annotated[str, typer.Option(metavar="SLUG", help="The tenant whose posts they are.")],
    issuer: Annotated[
        str | None, typer.Option(metavar="URL", help="Who vouches for the accounts in the column 账号.")
    ] = None,
    replace_accounts: Annotated[
        bool,
        typer.Option("--replace-accounts", help="End a post that another account has, and give it to the list's."),
    ] = False,
) -> None:
    """Give the posts of a list from today on, all or nothing: who is the first administrator, who has which grid.

    Columns: 姓名, 岗位 and, as far as needed, 电话, 地点, 单位, 公示电话, 账号. Posts on the duty board are published
    with the name and 公示电话 or, without that column, 电话. Several places in one cell are several posts. The same
    list again changes nothing; nobody is removed. A post that another account has is an error. Every wrong cell is
    told with sheet, row and column.
    """
    from services.position_lists.commands import ListOptions

    _check_issuer(read_settings(), issuer)
    report = asyncio.run(_import(file, tenant, ListOptions(issuer, replace_accounts)))
    typer.echo(f"{report.appointed} posts given, {report.unchanged} unchanged")


def _check_issuer(settings: Settings, issuer: str | None) -> None:
    from tenants.issuers import read_issuers

    if issuer is None or settings.issuers_file is None:
        return
    known = [each.issuer for each in read_issuers(settings.issuers_file)]
    if issuer not in known:
        raise SettingsError(f"--issuer {issuer} is not among the issuers of JINLIN_ISSUERS: {', '.join(known)}.")


async def _import(path: Path, slug: str, options: ListOptions) -> ListReport:
    from services.position_lists.commands import BadPositionRows, import_positions
    from services.position_lists.reading import read_posts
    from services.roster.reading import read_file, read_sheets

    posts = read_posts(read_sheets(read_file(path), name=path.name))
    try:
        async with inside_tenant(slug) as inside, inside.work() as (work, sealer):
            return await import_positions(work, posts=posts, sealer=sealer, options=options)
    except BadPositionRows as bad:
        for line in problem_lines(bad.problems):
            typer.echo(line, err=True)
        raise


def problem_lines(problems: tuple[ListProblem, ...]) -> Iterator[str]:
    """Write the problems of a list, one line each."""
    for problem in problems:
        value = f" “{problem.value}”" if problem.value else ""
        where = f"{problem.sheet}, row {problem.row}, column {_COLUMNS[problem.column]}"
        yield f"error\t{where}\t{problem.code}{value}\t{problem.zh} / {problem.en}"
