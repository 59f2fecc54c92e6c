"""Does no backend of the database grow for ever by what clients ask?"""

from __future__ import annotations

from schema.compiler.reading import LARGEST_PREPARED, MOST_PREPARED
from tests.schema.compiler.asking import Asker


async def test_keeps_few_statements_prepared_and_no_large_ones(ask: Asker) -> None:
    around = "grid { name } unit { name building { name } } estate { name }"
    tree = f"nodes {{ address {around} owners {{ share }} renters {{ id }} households {{ id }} }}"
    large = "{" + " ".join(f"a{number}: dwellings(first: 1) {{ {tree} }}" for number in range(14)) + "}"

    assert len((await ask.tell(large)).plan.sql) > LARGEST_PREPARED
    for number in range(MOST_PREPARED + 10):
        await ask.tell(f"{{ me {{ a{number}: account {{ id }} }} }}")

    async with ask.reader.pool.acquire() as connection:
        lengths = [
            row["size"]
            for row in await connection.fetch("select length(statement) as size from pg_prepared_statements")
        ]
    assert len(lengths) <= MOST_PREPARED
    assert max(lengths) < LARGEST_PREPARED
