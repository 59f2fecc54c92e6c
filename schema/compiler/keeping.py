"""How is a plan found again, also for callers who may do other things that it has nothing to do with?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenants.caching import Shelf

if TYPE_CHECKING:
    from collections.abc import Hashable

    from schema.compiler.plan import Plan
    from tenants.grants import Grants

# Beside its SQL: the objects that a plan is made of.
_REST_OF_PLAN = 1000
_ROOM_FOR_PERMISSIONS = 2_000_000


class KeptPlans:
    """Plans of operations, each for all callers who are granted alike whatever was asked for when it was made.

    A plan is made by the operation, the shape of its variables, the kind of tenant, and what the caller is granted of
    the permissions that the planner looked up. Whoever is granted the same of those gets the same plan, whatever else
    differs: a tenant that changes what its posts may do shares all plans that the change does not touch.
    """

    def __init__(self, room: int) -> None:
        """Make room for so many characters of SQL."""
        self._plans: Shelf[Hashable, Plan] = Shelf(room)
        # Of each operation and shape: which permissions were looked up. Not all callers get equally far.
        self._permissions: Shelf[Hashable, tuple[frozenset[str], ...]] = Shelf(_ROOM_FOR_PERMISSIONS)

    def find(self, operation: object, shape: Hashable, grants: Grants) -> Plan | None:
        """Find the plan of an operation, or of the part of it that the shape names, for these grants."""
        asked = (id(operation), shape)
        for permissions in self._permissions.find(asked) or ():
            held = self._plans.find((asked, permissions, grants.outline(permissions)))
            # The id of a forgotten operation can come again: the plan remembers which one it was made for.
            if held is not None and held.operation is operation:
                return held
        return None

    def keep(self, operation: object, shape: Hashable, grants: Grants, plan: Plan) -> None:
        """Keep a plan that was just made for these grants."""
        asked = (id(operation), shape)
        plan.operation = operation
        self._plans.put(
            (asked, plan.permissions, grants.outline(plan.permissions)), plan, weight=len(plan.sql) + _REST_OF_PLAN
        )
        known = self._permissions.find(asked) or ()
        if plan.permissions not in known:
            known = (*known, plan.permissions)
            self._permissions.put(asked, known, weight=100 * sum(map(len, known)) + 100)

    def __len__(self) -> int:
        """Tell how many are kept."""
        return len(self._plans)
