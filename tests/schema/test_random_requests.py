"""Does any of ten thousand requests, valid or nearly so, bring the gateway out of step?"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.fixtures.gateway import GatewayClient
from tests.make import World
from tests.schema.compiler.asking import MODEL
from tests.schema.compiler.comparing import stock_of
from tests.schema.documents.making import DocumentMaker
from tests.schema.documents.mutating import mutate
from tests.schema.test_bad_requests import check_harmless

_IN_ALL = 10_000
# Who asks where: the post decides what is looked at, and there is no post in 西园 for any of them.
_CALLERS = (
    ("worker", "qingcheng"),
    ("grid-worker", "zhongshan"),
    ("resident", "qingcheng"),
    ("manager", "pingshan"),
    ("dispatcher", "gudong"),
    ("officer", "gulou"),
    ("nobody", None),
    (None, "qingcheng"),
)


@pytest.mark.parametrize(("account", "slug"), _CALLERS)
async def test_bears_random_requests(
    gateway: GatewayClient, world: World, account: str | None, slug: str | None
) -> None:
    random = Random(f"requests of {account}")  # noqa: S311
    maker = DocumentMaker(MODEL.schema, stock_of(world, slug), random, depth=2)
    told: Counter[str] = Counter()
    made = maker.make()

    for number in range(_IN_ALL // len(_CALLERS)):
        # One valid document, and a family of those that were.
        made = maker.make() if number % 4 == 0 else made
        sent = made if number % 4 == 0 else mutate(made, random)
        response = await gateway.ask(sent.text, sent.variables, account=account, tenant=slug)
        answer = check_harmless(response)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        told.update(codes or {"answered"})

    assert told["answered"] > 0 or account is None
    assert len(told) > 2 or account is None
