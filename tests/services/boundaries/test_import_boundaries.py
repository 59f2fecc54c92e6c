"""What does a file of boundaries change, and what stops it?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.boundaries.errors import BoundariesBroken, BoundariesTooLarge
from services.boundaries.reading import POSITION_LIMIT, read_boundaries
from services.places.coordinates import to_gcj02
from tests.fixtures.demo import Demo
from tests.journeys.ways import grids_of, point, run_command
from tests.journeys.working import REPORT, Desk
from tests.services.boundaries.shapes import collection, feature, grids, polygon, ring

HERE, NEXT_DOOR = "guanyuan", "xiyuan"
_BOX = (0, 0, 1, 1)
_READ = "query ($id: ID!) { node(id: $id) { ... on Grid { name boundary } } }"


async def take_in(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, path: Path, content: bytes, *options: str, slug: str = HERE
) -> tuple[int, str, list[str]]:
    """Import a file; tell status, what was said and which lines of problems."""
    file = path / "grids.geojson"
    file.write_bytes(content)
    done = await run_command(demo, monkeypatch, "import", "boundaries", str(file), "--tenant", slug, *options)
    return (
        done.exit_code,
        done.stdout.strip(),
        [line for line in done.stderr.splitlines() if line.startswith("error\t")],
    )


async def boundaries(demo: Demo, slug: str = HERE) -> list[tuple[object, ...]]:
    """Read all that is stored of a tenant's boundaries."""
    rows = await demo.owner.fetch(
        """select b.* from grid_boundaries b join tenants t on t.id = b.tenant_id
           join places p on p.tenant_id = b.tenant_id and p.id = b.id where t.slug = $1 order by p.sort_key, p.id""",
        slug,
    )
    return [tuple(row) for row in rows]


@pytest.fixture(autouse=True)
async def _none_yet(demo: Demo) -> None:
    await demo.owner.execute("delete from grid_boundaries")
    await demo.owner.execute("update tenants set grants_version = grants_version + 1")


async def test_takes_in_once_what_a_file_says(demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = await grids_of(demo, HERE)
    file = grids([(name, (at, 0, at + 1, 1)) for at, (_, name) in enumerate(known)])

    tried = await take_in(demo, monkeypatch, tmp_path, file, "--dry-run")
    assert await boundaries(demo) == []
    first = await take_in(demo, monkeypatch, tmp_path, file)
    stored = await boundaries(demo)
    again = await take_in(demo, monkeypatch, tmp_path, file)
    moved = grids([(known[0][1], (0, 5, 1, 6))])
    changed = await take_in(demo, monkeypatch, tmp_path, moved)

    assert tried == (0, f"Dry run: nothing was changed. {len(known)} created, 0 changed, 0 unchanged", [])
    assert first == (0, f"{len(known)} created, 0 changed, 0 unchanged", [])
    assert again == (0, f"0 created, 0 changed, {len(known)} unchanged", [])
    assert changed == (0, "0 created, 1 changed, 0 unchanged", [])
    # Whoever is not named keeps what he has; nobody else's are touched.
    assert (await boundaries(demo))[1:] == stored[1:]
    assert await boundaries(demo, NEXT_DOOR) == []
    log = "{ auditEntries(first: 100) { nodes { action subject { id } } } }"
    entries = (await demo.ask(f"auditor@{HERE}", log)).json()["data"]["auditEntries"]["nodes"]
    told = [one["subject"]["id"] for one in entries if one["action"] == "boundary:import"]
    assert sorted(told) == sorted([grid_id for grid_id, _ in known] + [known[0][0]])


async def test_is_read_by_the_tenant_and_the_offices_above(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (grid_id, name), (other_id, _), *_ = await grids_of(demo, HERE)
    await take_in(demo, monkeypatch, tmp_path, grids([(name, _BOX)]))

    expected = {"type": "Polygon", "coordinates": [ring(_BOX)]}
    for account in (f"worker@{HERE}", f"resident@{HERE}", "dispatcher@xiangkou", "officer@xiangcheng"):
        shown = (await demo.ask(account, _READ, {"id": grid_id})).json()["data"]["node"]
        assert json.loads(shown["boundary"]) == expected
        assert (await demo.ask(account, _READ, {"id": other_id})).json()["data"]["node"]["boundary"] is None
    for account in (f"worker@{NEXT_DOOR}", "dispatcher@gudong", "officer@gulou"):
        assert (await demo.ask(account, _READ, {"id": grid_id})).json()["data"]["node"] is None


@pytest.mark.parametrize("system", ["cgcs2000", "wgs84", "gcj02"])
async def test_keeps_one_coordinate_system(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str
) -> None:
    ((grid_id, name), *_) = await grids_of(demo, HERE)
    given = [list(to_gcj02(*each)) if system == "gcj02" else each for each in ring(_BOX)]
    file = collection(feature({"type": "Polygon", "coordinates": [given]}, name=name))

    await take_in(demo, monkeypatch, tmp_path, file, "--coordinates", system)

    shown = (await demo.ask(f"worker@{HERE}", _READ, {"id": grid_id})).json()["data"]["node"]["boundary"]
    assert json.loads(shown)["coordinates"] == [ring(_BOX)]
    worker = Desk(demo, f"worker@{HERE}")
    for asked in ("CGCS2000", "GCJ02"):
        case = await worker.report(point(0.5, system=asked), source="PATROL")
        found = await demo.ask(worker.account, "query ($id: ID!) { case(id: $id) { grid { id } } }", {"id": case})
        assert found.json()["data"]["case"]["grid"] == {"id": grid_id}


async def test_says_nothing_of_grids_while_none_is_drawn(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker = Desk(demo, f"worker@{HERE}")
    asked = "query ($id: ID!) { case(id: $id) { grid { id } isOutsideGrids } }"

    before = await worker.report(point(0.5), source="PATROL")
    ((_, name), *_) = await grids_of(demo, HERE)
    await take_in(demo, monkeypatch, tmp_path, grids([(name, _BOX)]))
    # The import counts from the next request on, also in a process that looked before it.
    after = await worker.report(point(3), source="PATROL")

    told = [(await demo.ask(worker.account, asked, {"id": one})).json()["data"]["case"] for one in (before, after)]
    assert told == [{"grid": None, "isOutsideGrids": False}, {"grid": None, "isOutsideGrids": True}]
    # A neighbour's grids are at the same place, and nobody's but their own.
    elsewhere = Desk(demo, f"worker@{NEXT_DOOR}")
    case = await elsewhere.report(point(0.5), source="PATROL")
    assert (await demo.ask(elsewhere.account, asked, {"id": case})).json()["data"]["case"] == told[0]


async def test_tells_everything_that_is_wrong_and_changes_nothing(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = [name for _, name in await grids_of(demo, HERE)]
    bow = [[119.3, 26.0], [119.31, 26.01], [119.31, 26.0], [119.3, 26.01], [119.3, 26.0]]
    swapped = [[y, x] for x, y in ring(_BOX)]
    far = [[x - 119, y] for x, y in ring(_BOX)]
    file = collection(
        feature(polygon(_BOX), 网格名称=names[0]),
        feature(polygon((0, 0, 2, 2)), 网格名称=names[1]),
        feature(polygon((5, 5, 6, 6)), 网格名称="第九十九网格"),
        feature(polygon((7, 7, 8, 8)), 网格名称=names[0]),
        feature(polygon((7, 7, 8, 8)), 颜色="红"),
        feature({"type": "Polygon", "coordinates": [bow]}, name=names[2]),
        feature({"type": "Polygon", "coordinates": [swapped]}, name=names[2]),
        feature({"type": "Polygon", "coordinates": [far]}, name=names[2]),
        feature({"type": "Polygon", "coordinates": [ring(_BOX)[:-1]]}, name=names[2]),
        feature({"type": "Point", "coordinates": [119.3, 26.0]}, name=names[2]),
        feature({"type": "Polygon", "coordinates": [[["a", "b"]]]}, name=names[2]),
        feature({"type": "Polygon", "coordinates": {}}, name=names[2]),
        {"type": "Polygon"},
    )

    status, said, problems = await take_in(demo, monkeypatch, tmp_path, file)

    assert (status, said, await boundaries(demo)) == (1, "", [])
    told = [(where, what.partition(" ")[0]) for _, where, what, _ in (line.split("\t") for line in problems)]
    assert told == [
        ("feature 1, geometry", "GRIDS_OVERLAP"),
        ("feature 3, 网格名称", "GRID_UNKNOWN"),
        ("feature 4, 网格名称", "GRID_TWICE"),
        ("feature 5, properties", "GRID_NAME_MISSING"),
        ("feature 6, geometry", "RING_CROSSES_ITSELF"),
        ("feature 7, geometry", "POINT_SWAPPED"),
        ("feature 8, geometry", "POINT_OUTSIDE"),
        ("feature 9, geometry", "RING_NOT_CLOSED"),
        ("feature 10, geometry", "GEOMETRY_UNFIT"),
        ("feature 11, geometry", "POSITION_BROKEN"),
        ("feature 12, geometry", "GEOMETRY_BROKEN"),
        ("feature 13, type", "FEATURE_BROKEN"),
    ]
    assert f"“{names[0]}”与“{names[1]}”的边界重叠" in problems[0]


async def test_compares_with_boundaries_that_stay(demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (_, first), (_, second), *_ = await grids_of(demo, HERE)
    await take_in(demo, monkeypatch, tmp_path, grids([(first, (0, 0, 2, 2))]))

    status, _, (problem,) = await take_in(demo, monkeypatch, tmp_path, grids([(second, (1, 1, 3, 3))]))
    beside = await take_in(demo, monkeypatch, tmp_path, grids([(second, (2, 0, 3, 2))]))

    assert status == 1
    assert f"the boundaries of {second} and {first} overlap" in problem
    assert beside[:2] == (0, "1 created, 0 changed, 0 unchanged")


async def test_names_a_grid_by_its_code_first(demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (first_id, first), (second_id, second), *_ = await grids_of(demo, HERE)
    await demo.owner.execute("update places set code = 'WG-01' where id = $1::uuid", first_id.rpartition("_")[2])

    done = await take_in(
        demo,
        monkeypatch,
        tmp_path,
        collection(
            feature(polygon(_BOX), Code="WG-01", name="别的叫法"),
            feature(polygon((1, 0, 2, 1)), code="WG-99", name=f"官园社区{second}"),
        ),
    )

    assert done == (0, "2 created, 0 changed, 0 unchanged", [])
    assert [str(row[1]) for row in await boundaries(demo)] == [one.rpartition("_")[2] for one in (first_id, second_id)]
    assert first != second


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"PK\x03\x04", b'{"type": "FeatureCollection"}', collection(), b'{"features": [1]}']
)
def test_refuses_what_is_no_geojson(content: bytes) -> None:
    with pytest.raises(BoundariesBroken):
        read_boundaries(content, system="CGCS2000")


def test_has_bounds() -> None:
    many = collection(*({"type": "Feature"} for _ in range(1_001)))
    fine = [[119.3 + number * 1e-6, 26.0] for number in range(POSITION_LIMIT + 1)]

    with pytest.raises(BoundariesTooLarge):
        read_boundaries(many, system="CGCS2000")
    with pytest.raises(BoundariesTooLarge):
        read_boundaries(b" " * (16 * 1024 * 1024 + 1), system="CGCS2000")
    found = read_boundaries(
        collection(feature({"type": "Polygon", "coordinates": [fine]}, name="甲")), system="CGCS2000"
    )
    assert [problem.code for problem in found.problems] == ["TOO_MANY_POSITIONS"]


async def test_a_point_that_is_none_is_refused_before_anything_else(demo: Demo) -> None:
    worker = Desk(demo, f"worker@{HERE}")
    at = {"point": {"longitude": 26.0, "latitude": 119.3, "system": "CGCS2000", "text": "路口"}}

    payload = (await worker.send("Report", input={**REPORT, "at": at, "source": "PATROL"}))["reportCase"]

    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("POINT_SWAPPED", "at.point")]
