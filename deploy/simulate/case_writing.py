"""How are invented cases written down? As rows of every table that a case has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time

from deploy.simulate.case_rows import CaseDayRow, CaseDetailsRow, CaseRow, CaseShareRow, CaseStepRow, CaseStepTextRow
from deploy.simulate.case_story import Reporter, Story, Taken
from deploy.simulate.ids import InstantIds
from deploy.simulate.rows import Load
from services.cases.rules import REPORTERS_STEPS, case_number


def rows_of(stories: Sequence[Story], *, key: str) -> Load:
    """Write cases, in the order in which they were reported, as rows."""
    return _Rows(InstantIds(key)).load(stories)


class _Rows:
    def __init__(self, ids: InstantIds) -> None:
        self._ids = ids
        self._known: dict[int, CaseRow] = {}
        self._days: Counter[date] = Counter()

    def load(self, stories: Sequence[Story]) -> Load:
        load = Load()
        # First those that others are merged into.
        for story in stories:
            row = self._case(story)
            self._known[id(story)] = row
        for story in stories:
            into = self._known[id(story.duplicate_of)] if story.duplicate_of else None
            row = self._known[id(story)]._replace(duplicate_of_id=into.id if into else None)
            load.cases.append(row)
            self._add_parts(load, story, row, note=into.number if into else None)
        for day, last in self._days.items():
            at = datetime.combine(day, time.min, stories[0].reported_at.tzinfo)
            load.case_days.append(CaseDayRow(stories[0].own.id, self._ids.at(at), day, last))
        # One statement writes them all, so that those merged need not come last.
        return load

    def _case(self, story: Story) -> CaseRow:
        day = story.reported_at.date()
        self._days[day] += 1
        told, own = story.told, story.own
        contacted, solved, satisfaction = story.call_back or (None, None, None)
        return CaseRow(
            tenant_id=own.id,
            id=self._ids.at(story.reported_at),
            street_id=own.street_id,
            district_id=own.district_id,
            number=case_number(f"{day:%Y%m%d}", self._days[day]),
            kind=told.kind,
            source=told.source,
            category_id=story.category.id,
            status=story.status,
            grid_id=told.spot.grid_id,
            coordinator_body_id=story.coordinator,
            accountable_body_id=story.answering.body_id,
            accountable_position_id=story.answering.position_id,
            reported_at=story.reported_at,
            accepted_at=story.accepted_at,
            dispatched_at=story.dispatched_at,
            resolved_at=story.resolved_at,
            closed_at=story.closed_at,
            due_at=story.due_at,
            due_body_id=story.due_body_id,
            rework_count=story.rework_count,
            needs_call_back=story.needs_call_back,
            called_back_at=story.called_back_at,
            is_contacted=contacted,
            is_solved=solved,
            satisfaction=satisfaction,
            duplicate_of_id=None,
        )

    def _add_parts(self, load: Load, story: Story, case: CaseRow, *, note: str | None) -> None:
        told, spot = story.told, story.told.spot
        load.case_details.append(
            CaseDetailsRow(
                tenant_id=case.tenant_id,
                id=case.id,
                title=told.title,
                description=told.description,
                reported_at=story.reported_at,
                place_id=spot.id,
                building_id=spot.building_id,
                estate_id=spot.estate_id,
                place_text=spot.address,
                reporter_id=told.reporter.person_id,
                reporter_account_id=story.steps[0].actor.account_id,
                is_confidential=told.is_confidential,
            )
        )
        for ordinal, step in enumerate(story.steps, start=1):
            self._add_step(load, case, step, ordinal, note if step.action == "MERGE" else step.note)
        load.case_shares += self._shares(story, case)

    def _add_step(self, load: Load, case: CaseRow, step: Taken, ordinal: int, note: str | None) -> None:
        step_id = self._ids.at(step.at)
        contacted, solved, satisfaction = step.call_back or (None, None, None)
        load.case_steps.append(
            CaseStepRow(
                tenant_id=case.tenant_id,
                id=step_id,
                street_id=case.street_id,
                district_id=case.district_id,
                case_id=case.id,
                ordinal=ordinal,
                at=step.at,
                action=step.action,
                from_status=step.from_status,
                to_status=step.to_status,
                actor_body_id=step.actor.body_id,
                coordinator_body_id=step.coordinator_body_id,
                accountable_body_id=step.answering.body_id,
                accountable_position_id=step.answering.position_id,
                due_at=step.due_at,
                rework_count=step.rework_count,
                is_contacted=contacted,
                is_solved=solved,
                satisfaction=satisfaction,
            )
        )
        name = None if step.action in REPORTERS_STEPS else step.actor.public_name
        account = (step.actor.account_id, step.actor.position_id, name)
        load.case_step_texts.append(
            CaseStepTextRow(case.tenant_id, step_id, case.id, step.actor.tenant_id, *account, step.is_handling, note)
        )

    def _shares(self, story: Story, case: CaseRow) -> list[CaseShareRow]:
        told = story.told
        reporter = Reporter(None, None, None) if told.is_confidential else told.reporter
        return [
            CaseShareRow(
                case.tenant_id,
                self._ids.at(share.shared_at),
                case.id,
                share.receiver_tenant_id,
                share.receiver_body_id,
                share.reason,
                share.shared_at,
                share.ended_at,
                share.title,
                share.description,
                told.spot.address,
                story.reported_at,
                *reporter,
            )
            for share in story.shares
        ]
