"""What do clients see of sums of cases? Their counters and rates, by place, period, category, source and handler."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import literal_column

from schema.bodies.types import BodyInterface
from schema.case_targets.types import CaseTargetAttainmentType, attainments
from schema.cases.enums import CaseSource
from schema.compiler.declare import Column, Derived, One, SameRow, column, derived, read, reads
from schema.summaries.measures import RATES, counter, overdue
from schema.summaries.sources import (
    HANDLER_SUMS,
    SUMS,
    by_member,
    by_period,
    category_name,
    compared,
    handled_by,
    source_of,
    summary_of,
)
from services.case_counts.tables import RULE_VERSION
from services.rollups.periods import Period


@strawberry.enum(name="SumBasis", description="统计口径: what belongs to a period.")
class SumBasis(Enum):
    """What belongs to a period."""

    HAPPENED_IN = strawberry.enum_value("HAPPENED_IN", description="按发生: what happened on its days.")
    REPORTED_IN = strawberry.enum_value(
        "REPORTED_IN", description="按上报: cases reported on its days, and what happened to them by the cut-off."
    )


@strawberry.enum(name="SumTree", description="区划口径: under which offices counts what a tenant did before it moved.")
class SumTree(Enum):
    """Trees."""

    THEN = strawberry.enum_value("THEN", description="按当时区划: under those of the day on which it happened.")
    TODAY = strawberry.enum_value("TODAY", description="按现行区划: under those that the tenant lies under today.")


@strawberry.enum(name="PeriodUnit", description="时段单位: weeks begin on Monday.")
class PeriodUnit(Enum):
    """Units of periods."""

    DAY = strawberry.enum_value("DAY", description="日")
    WEEK = strawberry.enum_value("WEEK", description="周")
    MONTH = strawberry.enum_value("MONTH", description="月")
    QUARTER = strawberry.enum_value("QUARTER", description="季")
    YEAR = strawberry.enum_value("YEAR", description="年")


def _counter(name: str, description: str) -> Any:
    return column(counter(name), description)


@reads(SUMS)
@strawberry.interface(name="CaseSums", description="诉求统计: counts of cases, and rates of summed counts.")
class CaseSumsInterface:
    """Counters and rates."""

    reported: int = _counter("reported", "上报: cases reported.")
    accepted: int = _counter("accepted", "受理: acceptances, the first of each case.")
    dispatched: int = _counter("dispatched", "派单: dispatches.")
    handled_on_spot: int = _counter("handled_on_spot", "即报即结: cases found and fixed in one step.")
    due_to_close: int = _counter("due_to_close", "应结案: cases that fell due.")
    closed: int = _counter("closed", "结案: closings, the last of each case.")
    closed_on_time: int = _counter("closed_on_time", "按期结案: of those that fell due, closed no later than that.")
    overdue: int = column(overdue, "超期: of those that fell due, not closed by then.")
    reworked: int = _counter("reworked", "返工: cases taken up again, reopened or not solved.")
    extended: int = _counter("extended", "延期: extensions granted.")
    whistled: int = _counter("whistled", "吹哨: whistles blown.")
    called_back: int = _counter("called_back", "回访: call-backs that count.")
    contacted: int = _counter("contacted", "接通: of these, reporters who were reached.")
    solved: int = _counter("solved", "解决: who said that it is solved.")
    satisfied: int = _counter("satisfied", "满意: who said that they are satisfied.")
    closure_rate: float | None = column(
        RATES["CLOSURE_RATE"], "结案率: closed of those that fell due; null where none did."
    )
    on_time_rate: float | None = column(RATES["ON_TIME_RATE"], "按期结案率")
    contact_rate: float | None = column(RATES["CONTACT_RATE"], "接通率")
    solved_rate: float | None = column(RATES["SOLVED_RATE"], "解决率")
    satisfied_rate: float | None = column(RATES["SATISFIED_RATE"], "满意率")


@reads(SUMS)
@strawberry.type(name="SummedPeriod", description="时段: its first and last day.")
class SummedPeriodType:
    """A period."""

    from_: date = read(Column(lambda sums: sums.c.first_day), name="from")
    to: date = column(lambda sums: sums.c.last_day)


@reads(SUMS)
@strawberry.type(name="CasePeriodSums", description="时段统计: the sums of a period.")
class CasePeriodSumsType(CaseSumsInterface):
    """The sums of a period."""

    period: SummedPeriodType = read(SameRow())


@reads(SUMS)
@strawberry.type(name="SummedCategory", description="诉求类别: a category, as the place's own tenant calls it.")
class SummedCategoryType:
    """A category."""

    code: str = column(lambda sums: sums.c.member)
    name: str = column(category_name)


@reads(SUMS)
@strawberry.type(name="CaseCategorySums", description="类别统计: the sums of a category.")
class CaseCategorySumsType(CaseSumsInterface):
    """The sums of a category."""

    category: SummedCategoryType = read(SameRow())


@reads(SUMS)
@strawberry.type(name="CaseSourceSums", description="来源统计: the sums of a way in.")
class CaseSourceSumsType(CaseSumsInterface):
    """The sums of a way in."""

    source: CaseSource = column(source_of)


@reads(HANDLER_SUMS)
@strawberry.type(
    name="CaseHandlerSums",
    description="责任单位统计: the sums of a body, of what happened while it answered for the cases.",
)
class CaseHandlerSumsType(CaseSumsInterface):
    """The sums of a body."""

    handler: BodyInterface | None = read(One(on=handled_by, covered=True))


@reads(SUMS)
@strawberry.type(name="CaseSummary", description="诉求汇总: the sums of a place in a period.")
class CaseSummaryType(CaseSumsInterface):
    """The sums of a place."""

    period: SummedPeriodType = read(SameRow())
    cut_off_at: datetime = column(
        lambda sums: sums.c.cut_off_at, "统计截止: what happened up to then counts, as it was known then."
    )
    rule_version: int = column(
        lambda _: literal_column(str(RULE_VERSION)), "统计规则版本: by which version of the rules it is counted."
    )
    targets: list[CaseTargetAttainmentType] | None = attainments()
    previous: CasePeriodSumsType | None = derived(
        Derived(compared(Period.before)), "环比: the period of the same length just before.", arguments={}
    )
    last_year: CasePeriodSumsType | None = derived(
        Derived(compared(Period.year_before)), "同比: the same days a year before.", arguments={}
    )


SPAN: dict[str, Any] = {
    "from_": Annotated[date, strawberry.argument(name="from", description="The first day.")],
    "to": Annotated[date, strawberry.argument(description="The last day, which belongs to it.")],
    "basis": Annotated[SumBasis | None, strawberry.argument(description="HAPPENED_IN, unless said otherwise.")],
    "cut_off": Annotated[
        date | None, strawberry.argument(description="The last day that counts, as it was known then; today.")
    ],
    "tree": Annotated[SumTree | None, strawberry.argument(description="THEN, unless said otherwise.")],
}


def _by(dimension: str, kind: str, description: str, *, expected: int = 20) -> Any:
    declared = Derived(by_member(kind, dimension), order=lambda sums: (sums.c.member,), expected=expected, limit=1000)
    return derived(declared, description, arguments=SPAN)


def case_summary(kind: str) -> Any:
    """Declare the summary of a kind of place."""
    return derived(Derived(summary_of(kind)), "诉求汇总: its cases summed up, from day to day.", arguments=SPAN)


def case_summaries_by_period(kind: str) -> Any:
    """Declare the sums of its periods."""
    declared = Derived(by_period(kind), order=lambda sums: (sums.c.first_day,), expected=12, limit=402)
    return derived(
        declared,
        "分时段统计: each day, week, month … by itself, also where nothing happened; the first and the last in part.",
        arguments={**SPAN, "unit": PeriodUnit},
    )


def case_summaries_by_category(kind: str) -> Any:
    """Declare the sums of its categories."""
    return _by("CATEGORY", kind, "分类别统计: each category under which something is counted, by its code.")


def case_summaries_by_source(kind: str) -> Any:
    """Declare the sums of the ways in."""
    return _by("SOURCE", kind, "分来源统计: each way in by which something came.", expected=len(CaseSource))


def case_summaries_by_handler(kind: str) -> Any:
    """Declare the sums of the bodies that answered for its cases."""
    return _by("BODY", kind, "分责任单位统计: each body that answered for something.")
