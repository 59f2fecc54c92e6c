"""Who sees which row and which field? Grant by grant, in Python, as the design tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from schema.compiler.declare import FieldClass, Row, Source
from tenants.grants import Grant, Grants, Scope
from tests.schema.compiler.interpreter.rows import Found, Places, Rows

_CLOSE = {FieldClass.INTERNAL, FieldClass.PERSONAL, FieldClass.SENSITIVE}
# What the design says that a grant under a condition does not show.
_KEPT_BACK = {
    "names": _CLOSE,
    "index": _CLOSE,
    "reporter_hidden": {FieldClass.PERSONAL},
    "as_reporter": {FieldClass.SENSITIVE},
}


@dataclass(frozen=True, slots=True)
class Sights:
    """What one caller sees."""

    grants: Grants
    rows: Rows

    def is_shut(self, source: Source) -> bool:
        """Tell whether no grant could ever show a row of the source."""
        return source.permission is not None and not self._granted(source)

    def _granted(self, source: Source) -> list[Grant]:
        grants = self.grants.of(source.permission or "")
        return [grant for grant in grants if grant.condition not in source.never_under]

    def showing(self, source: Source, declared: Any) -> tuple[Grant, ...] | None:  # noqa: ANN401 - a column, link or filter.
        """List the grants that could show a field; None when it needs none beyond its row's."""
        own = getattr(declared, "permission", None)
        permission = own or source.permission
        if (declared.field_class is FieldClass.PUBLIC and own is None) or permission is None:
            return None
        granted = self._granted(source) if permission == source.permission else self.grants.of(permission)
        asked = FieldClass.INTERNAL if declared.field_class is FieldClass.PUBLIC else declared.field_class
        return tuple(
            grant
            for grant in granted
            if asked not in _KEPT_BACK.get(grant.condition, ())
            and (grant.rows == "all" or (source.served if grant.tenants == "served" else source.within) is not None)
            and (not getattr(declared, "of_subtree", False) or grant.tenants == "subtree")
        )

    async def sees(self, source: Source, row: Found) -> bool:
        """Tell whether the caller sees the row at all."""
        if source.permission is None:
            return True
        return await self._is_granted(source, row) and not await self._is_kept(source, row)

    async def _is_kept(self, source: Source, row: Found) -> bool:
        """Tell whether the row is reserved for others."""
        reserved = source.reserved
        if reserved is None or not await self.rows.holds((id(source), "reserved"), row, reserved.which):
            return False
        if source.tenant is not None and not await self._is_here(source, row):
            return True
        if await self.rows.holds((id(source), "own"), row, reserved.own):
            return False
        for other in reserved.shown_by:
            if await self.sees(other, row):
                return False
        return True

    async def _is_granted(self, source: Source, row: Found) -> bool:
        grants = self._granted(source)
        for grant in grants:
            if await self._covers(grant, source, row, outlines=True):
                return True
        if source.public is None or not grants:
            return False
        return await self.rows.holds((id(source), "public"), row, source.public)

    async def shows(self, source: Source, row: Found, declared: Any) -> bool:  # noqa: ANN401
        """Tell whether the caller sees a field of a row that is seen."""
        grants = self.showing(source, declared)
        return grants is None or await self.reaches_any(grants, source, row)

    async def reaches_any(self, grants: tuple[Grant, ...], source: Source, row: Found) -> bool:
        """Tell whether one of the grants covers the row, outlines aside."""
        for grant in grants:
            if await self._covers(grant, source, row, outlines=False):
                return True
        return False

    async def _covers(self, grant: Grant, source: Source, row: Found, *, outlines: bool) -> bool:
        if grant.tenants == "served":
            places = Places(self.grants.scopes.get(grant.permission, Scope()), grant.permission)
            what = (source.served, grant.permission)
            return source.served is not None and await self.rows.holds(what, row, partial(_test, source.served, places))
        return await self._reaches(grant, source, row) and await self._has_place(grant, source, row, outlines=outlines)

    async def _reaches(self, grant: Grant, source: Source, row: Found) -> bool:
        acting = self.grants.tenant
        if acting is None:
            return False
        if source.tenant is None:
            return True
        if grant.tenants == "subtree" and acting.kind != "community" and f"{acting.kind}_id" in row.columns:
            return bool(row[f"{acting.kind}_id"] == acting.id)
        return await self._is_here(source, row)

    async def _is_here(self, source: Source, row: Found) -> bool:
        acting = self.grants.tenant
        assert source.tenant is not None
        return acting is not None and bool(
            await self.rows.value((id(source), "tenant"), row, source.tenant) == acting.id
        )

    async def _has_place(self, grant: Grant, source: Source, row: Found, *, outlines: bool) -> bool:
        places = Places(self.grants.scopes.get(grant.permission, Scope()), grant.permission)
        if source.conditions and grant.condition:
            meets = source.conditions.get(grant.condition)
            if meets is None or not await self.rows.holds(
                (meets, grant.permission), row, partial(_test, meets, places)
            ):
                return False
        if grant.rows == "all":
            return True
        for test in (source.within, source.touches if outlines else None):
            what = (test, grant.permission)
            if test is not None and await self.rows.holds(what, row, partial(_test, test, places)):
                return True
        return False


def _test(test: Callable[[Row, Any], Any], places: Places, row: Row) -> Any:  # noqa: ANN401
    return test(row, places)
