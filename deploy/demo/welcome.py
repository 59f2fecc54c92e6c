"""What is whoever starts the demo told? Where it is, who can be asked as, and what to try first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deploy.app import GRAPHQL
from deploy.board import BOARD
from deploy.demo.accounts import DemoAccount

_QUERIES = (
    (
        "officer@gulou",
        "gulou",
        "who am I, and what may I do?",
        "{ me { account { displayName } positions { kind { name } } grants { permission tenants rows } } }",
    ),
    (
        "worker@qingcheng",
        "qingcheng",
        "the community's grids and their buildings",
        (
            "{ communities { nodes { name grids(first: 3) { nodes { name dwellingCount "
            "buildings(first: 2) { nodes { name } } } } } } }"
        ),
    ),
    (
        "dispatcher@gudong",
        "gudong",
        "the street's communities, counted",
        "{ communities { totalCount nodes { name dwellingCount } } }",
    ),
)


def welcome(url: str, accounts: Sequence[DemoAccount], make_token: Callable[[str], str], *, has_page: bool) -> str:
    """Write what is shown when the demo is ready."""
    width = max((len(each.account) for each in accounts), default=0)
    lines = ["", "Accounts, each with a bearer token (`.venv/bin/jinlin token ACCOUNT` prints one alone):", ""]
    for each in accounts:
        slugs = ", ".join(tenant.slug for tenant in each.tenants) or "no tenant"
        lines += [f"  {each.account:<{width}}  {each.name} · {slugs}", f"    {make_token(each.account)}"]
    lines += ["", "Three queries to try:"]
    for account, slug, question, query in _QUERIES:
        lines += ["", f"  # {account}: {question}", _curl(url, account, slug, query)]
    lines += ["", f"近邻 Jinlin answers at {url}"]
    if has_page:
        board = url.removesuffix(GRAPHQL) + BOARD
        lines += ["  in a browser: GraphiQL, with a picker of accounts", f"  the board of the offices' sums: {board}"]
    else:
        lines += ["  the pages for a browser are not installed (make web)"]
    lines += ["  Ctrl-C stops it.", ""]
    return "\n".join(lines)


def _curl(url: str, account: str, slug: str, query: str) -> str:
    return (
        f"  curl -sS {url} -H 'Content-Type: application/json' -H 'X-Tenant: {slug}' \\\n"
        f'    -H "Authorization: Bearer $(.venv/bin/jinlin token {account})" \\\n'
        f'    -d \'{{"query": "{query}"}}\'; echo'
    )
