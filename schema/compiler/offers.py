"""How does a caller learn what may be done with a row now, and why not?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, case, func, not_, null, true
from sqlalchemy.dialects.postgresql import JSON

from schema.compiler.context import LANGUAGE
from schema.compiler.declare import Reason
from schema.compiler.json_select import object_of
from schema.compiler.json_sql import label, quoted
from tenants.errors import Forbidden

if TYPE_CHECKING:
    from graphql import FieldNode

    from schema.compiler.declare import Offer, Offers, Row
    from schema.compiler.planning import Planner

NOT_THIS_ROW = Reason("不在您的职责范围内", "It is not within the reach of your posts")


def plan_offers(
    planner: Planner, target: str, type_name: str, row: Row, declared: Offers, nodes: list[FieldNode]
) -> Any:
    """Make the list of everything on offer, each allowed or with its reason."""
    selected = planner.selector.of_nodes(nodes, target)
    planner.extent.add_fields(len(selected) * len(declared.offered))
    made = []
    for offer in declared.offered:
        reason = _reason(planner, type_name, row, offer)
        values = {
            "__typename": quoted(target),
            "action": quoted(offer.action),
            "isAllowed": true() if reason is None else reason.is_(None),
            "reason": null() if reason is None else reason,
        }
        made.append(object_of([(label(key), values[below[0].name.value]) for key, below in selected.items()]))
    return func.json_build_array(*made, type_=JSON)


def _reason(planner: Planner, type_name: str, row: Row, offer: Offer) -> Any:
    """Tell why not: no grant, not this row, or what else stands against it; None when nothing ever does."""
    sight = planner.sights.of_field(offer.source or planner.model.source(type_name), row, offer.permission)
    if sight.is_forbidden:
        missing = Forbidden(permission=offer.permission)
        return _told(Reason(missing.text("zh"), missing.text("en")))
    against = [] if sight.condition is None else [(not_(func.coalesce(sight.condition, False)), _told(NOT_THIS_ROW))]
    against += [(not_(condition(row)), _told(reason)) for condition, reason in offer.conditions]
    return case(*against, else_=null()) if against else None


def _told(reason: Reason) -> Any:
    return case((quoted("en") == LANGUAGE, quoted(reason.en)), else_=quoted(reason.zh)).cast(Text)
