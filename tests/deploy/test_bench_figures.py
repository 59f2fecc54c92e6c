"""Are the measurements put into figures rightly, and is the client a client?"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import openpyxl
import pytest

from deploy.bench.figures import Figure, Machine, to_json
from deploy.bench.loading import Load, apply_load
from deploy.bench.roster import ImportFailedError, run_measured
from deploy.bench.workbook import HEADER, write_workbook
from services.roster.parsing import parse_roster
from services.roster.reading import read_sheets


def test_takes_the_median_of_the_rounds_ratios() -> None:
    figure = Figure("reads", "requests/s", [(80, 100), (45, 50), (150, 300)], at_least=0.8)

    assert (figure.ours, figure.reference, figure.ratio, figure.is_held) == (80, 100, 0.8, True)
    whole = json.loads(to_json([figure], Machine(2, 0.5)))
    assert whole["machine"] == {"processors": 2, "load_before": 0.5}
    (told,) = whole["figures"]
    assert told["rounds"] == [[80, 100], [45, 50], [150, 300]]
    assert (told["ratio"], told["target"], told["is_held"]) == (0.8, "≥ 0.8", True)


@pytest.mark.parametrize(("ours", "is_held"), [(3.0, True), (3.1, False)])
def test_holds_a_target_from_above(ours: float, *, is_held: bool) -> None:
    assert Figure("import", "s", [(ours, 1.0)], at_most=3.0).is_held is is_held


async def _serving(answers: list[bytes]) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = 0
        while await reader.read(1000):
            # In two parts, as answers come over a network.
            whole = answers[number % len(answers)]
            writer.write(whole[:20])
            await writer.drain()
            writer.write(whole[20:])
            number += 1
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


def _answer(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ([_answer(b"all is well")], 0),
        ([_answer(b"all is well"), _answer(b"it is not")], 5),
        ([_answer(b"oh", "500 Internal Server Error")], 10),
    ],
)
async def test_counts_answers_and_notices_bad_ones(answers: list[bytes], faults: int) -> None:
    server = await _serving(answers)
    port: int = server.sockets[0].getsockname()[1]

    answered = await apply_load(Load(port, ["GET / HTTP/1.1\r\n\r\n"], seconds=20, most=10, connections=1))

    server.close()
    assert (answered.count, answered.faults) == (10, faults)


def test_invents_a_roster_without_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    write_workbook(path, dwellings=300)

    roster = parse_roster(read_sheets(path.read_bytes(), name=path.name))

    assert len(roster.dwellings) == 300
    assert len(roster.people) == 300
    assert [problem.code for problem in roster.problems] == ["COLUMN_LEFT_OUT"]
    assert [cell.value for cell in openpyxl.load_workbook(path)["房屋"][2]] == list(HEADER)


def test_tells_why_a_process_failed() -> None:
    assert run_measured(["-c", "pass"], environment={}).peak_mib > 1
    with pytest.raises(ImportFailedError, match="for a reason"):
        run_measured(["-c", "import os, sys; sys.exit(os.environ['WHY'])"], environment={"WHY": "for a reason"})
