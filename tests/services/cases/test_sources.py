"""By which ways may holders of which posts report?"""

from __future__ import annotations

from services.cases.sources import ON_BEHALF, sources_by_kind, sources_of
from services.cases.tables import CASE_SOURCES
from services.positions.kinds import all_starting_kinds
from tenants.policies.roles import starting_roles


def test_says_it_of_every_post_that_reports() -> None:
    reporting = {role.position for role in starting_roles() if role.permission == "case:report"}

    assert set(sources_by_kind()) == reporting | {""}
    assert reporting <= {kind.code for kind in all_starting_kinds()}
    assert set().union(*sources_by_kind().values()) == set(CASE_SOURCES)
    assert set(CASE_SOURCES) > ON_BEHALF


def test_residents_take_snapshots_alone() -> None:
    assert sources_of(["resident"]) == {"SNAPSHOT"}


def test_workers_and_chairs_report_by_every_way() -> None:
    assert sources_of(["worker"]) == sources_of(["committee-chair"]) == set(CASE_SOURCES)


def test_adds_up_the_posts_of_one_person() -> None:
    assert sources_of(["resident", "property-worker"]) == {"SNAPSHOT", "PATROL", "PROPERTY"}
    assert sources_of([]) == frozenset()


def test_kinds_of_a_tenants_own_report_what_they_find() -> None:
    assert sources_of(["mediator"]) == {"SNAPSHOT", "PATROL", "VISIT"}
