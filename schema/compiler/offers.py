"""How does a caller learn what may be done with a row now, and why not?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Text, and_, case, false, func, literal_column, not_, null, select, true
from sqlalchemy.dialects.postgresql import JSON

from schema.compiler.context import LANGUAGE
from schema.compiler.declare import Reason
from schema.compiler.json_select import object_of
from schema.compiler.json_sql import label, quoted
from tenants.errors import Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from graphql import FieldNode

    from schema.compiler.declare import Offer, Offers, Row
    from schema.compiler.planning import Planner

NOT_THIS_ROW = Reason("不在您的职责范围内", "It is not within the reach of your posts")
# What is found out once about a row stands under this name.
_KNOWN = "k$"
_BOOLEAN, _TEXT = Boolean(), Text()


@dataclass(slots=True)
class _Known:
    """What is found out about a row once, for all on offer: much of it stands against many things."""

    columns: dict[Hashable, Any] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)

    def ask(self, what: Hashable, make: Callable[[], Any], type_: Any = _BOOLEAN) -> Any:
        """Give the column of what is asked, which is made when it is asked for the first time."""
        if what not in self.columns:
            name = f"k{len(self.values)}"
            self.values.append(make().label(name))
            self.columns[what] = literal_column(f"{_KNOWN}.{name}", type_)
        return self.columns[what]

    def told(self, reason: Reason) -> Any:
        """Give the column of a reason in the caller's language."""
        return self.ask(reason, partial(_in_the_callers_language, reason), _TEXT)

    def around(self, made: Any) -> Any:
        """Make something of what is known. Without the offset, PostgreSQL would find it out wherever it is named."""
        if not self.values:
            return made
        known = select(*self.values).offset(literal_column("0")).correlate_except().subquery(_KNOWN)
        return select(made).select_from(known).correlate_except(known).scalar_subquery()


def plan_offers(
    planner: Planner, target: str, type_name: str, row: Row, declared: Offers, nodes: list[FieldNode]
) -> Any:
    """Make the list of everything on offer, each allowed or with its reason."""
    selected = {label(key): below[0].name.value for key, below in planner.selector.of_nodes(nodes, target).items()}
    planner.extent.add_fields(len(selected) * len(declared.offered))
    known = _Known()
    made = []
    for offer in declared.offered:
        against = _against(planner, known, type_name, row, offer)
        values: dict[str, Callable[[], Any]] = {
            "__typename": partial(quoted, target),
            "action": partial(quoted, offer.action),
            "isAllowed": partial(_is_allowed, against),
            "reason": partial(_reason, known, against),
        }
        made.append(object_of([(key, values[name]()) for key, name in selected.items()]))
    return known.around(func.json_build_array(*made, type_=JSON))


# What has to hold, and what is told where it does not; nothing known holds never.
_Against = list[tuple[Any, Reason]]


def _against(planner: Planner, known: _Known, type_name: str, row: Row, offer: Offer) -> _Against:
    """Tell what may stand against an offer: no grant, not this row, or any of its conditions."""
    source = offer.source or planner.model.source(type_name)
    sight = planner.sights.of_field(source, row, offer.permission)
    if sight.is_forbidden:
        missing = Forbidden(permission=offer.permission)
        return [(None, Reason(missing.text("zh"), missing.text("en")))]
    against: _Against = []
    if sight.condition is not None:
        is_reached = known.ask((id(source), offer.permission), partial(func.coalesce, sight.condition, false()))
        against.append((is_reached, NOT_THIS_ROW))
    against += [(known.ask(condition, partial(condition, row)), reason) for condition, reason in offer.conditions]
    return against


def _in_the_callers_language(reason: Reason) -> Any:
    return case((quoted("en") == LANGUAGE, quoted(reason.en)), else_=quoted(reason.zh)).cast(Text)


def _is_allowed(against: _Against) -> Any:
    return and_(true(), *(false() if holds is None else holds.is_not(false()) for holds, _ in against))


def _reason(known: _Known, against: _Against) -> Any:
    if not against:
        return null()
    if against[0][0] is None:
        return known.told(against[0][1])
    return case(*((not_(holds), known.told(reason)) for holds, reason in against), else_=null())
