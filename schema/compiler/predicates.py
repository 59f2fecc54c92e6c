"""Which rows and fields may this caller see? Grants become conditions of the statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, or_

from schema.compiler.context import ACTING_TENANT, SCOPE_LISTS, ScopeBinds

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from schema.compiler.declare import Row, Source
    from tenants.grants import Grant, Grants

NAMES_ONLY = "names"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller sees: nothing ever, everything (no condition), or what meets a condition."""

    is_forbidden: bool = False
    condition: ColumnElement[bool] | None = None


FORBIDDEN = Sight(is_forbidden=True)
EVERYTHING = Sight()


class Sights:
    """The conditions of one caller's grants."""

    def __init__(self, grants: Grants) -> None:
        """Take the caller's grants; only what is in their fingerprint shapes a condition."""
        self._grants = grants
        self._tenant_kind = grants.tenant.kind if grants.tenant else None

    def is_forbidden(self, source: Source) -> bool:
        """Tell whether the caller can see no row of a source whatever."""
        return source.permission is not None and not self._grants.of(source.permission)

    def of_row(self, source: Source, row: Row) -> Sight:
        """Tell which rows of a source the caller sees."""
        if source.permission is None:
            return EVERYTHING
        if self.is_forbidden(source):
            return FORBIDDEN
        grants = self._grants.of(source.permission)
        alternatives = [self._rows(grant, source, row, outlines=True) for grant in _widest(grants, source)]
        if source.public is not None:
            alternatives.append(source.public(row))
        return _any_of(alternatives)

    def of_field(self, source: Source, row: Row, permission: str | None, *, of_subtree: bool = False) -> Sight:
        """Tell on which of the rows that are seen an internal or personal field is seen, too."""
        asked = permission or source.permission
        if asked is None:
            return EVERYTHING
        grants = tuple(grant for grant in self._grants.of(asked) if _may_show_fields(grant, source))
        if of_subtree:
            grants = tuple(grant for grant in grants if grant.tenants == "subtree")
        if not grants:
            return FORBIDDEN
        if asked == source.permission and self._is_covered(source, grants):
            return EVERYTHING
        return _any_of([self._rows(grant, source, row, outlines=False) for grant in _widest(grants, source)])

    def _is_covered(self, source: Source, grants: tuple[Grant, ...]) -> bool:
        """Tell whether whoever sees the row sees its internal fields."""
        everybody = self._grants.of(source.permission or "")
        return source.public is None and source.touches is None and len(grants) == len(everybody)

    def _rows(self, grant: Grant, source: Source, row: Row, *, outlines: bool) -> ColumnElement[bool] | None:
        reach = self._reach(grant, source, row)
        if source.conditions and grant.condition:
            meets = source.conditions.get(grant.condition)
            reach = _all_of(reach, false() if meets is None else meets(row, self._binds(grant.permission)))
        if grant.rows == "all":
            return reach
        return _all_of(reach, self._scope(grant.permission, source, row, outlines=outlines))

    def _reach(self, grant: Grant, source: Source, row: Row) -> ColumnElement[bool] | None:
        if grant.tenants == "served":
            return false()
        if source.tenant is None:
            return None
        if grant.tenants == "subtree" and self._tenant_kind in ("street", "district"):
            office = row.c.get(f"{self._tenant_kind}_id")
            if office is not None:
                return office == ACTING_TENANT  # type: ignore[no-any-return]
        return source.tenant(row) == ACTING_TENANT  # type: ignore[no-any-return]

    def _scope(self, permission: str, source: Source, row: Row, *, outlines: bool) -> ColumnElement[bool]:
        binds = self._binds(permission)
        tests: list[Any] = [source.within] + ([source.touches] if outlines else [])
        return or_(false(), *(test(row, binds) for test in tests if test is not None))

    def _binds(self, permission: str) -> ScopeBinds:
        scope = self._grants.scopes.get(permission)
        filled = frozenset(name for name in SCOPE_LISTS if scope is not None and getattr(scope, name))
        return ScopeBinds(permission, filled)


def _may_show_fields(grant: Grant, source: Source) -> bool:
    return grant.condition != NAMES_ONLY and (grant.rows == "all" or source.within is not None)


def _widest(grants: tuple[Grant, ...], source: Source) -> list[Grant]:
    """Leave out the grants that another one includes, in a settled order."""
    asked = {grant: grant.condition if source.conditions else "" for grant in grants}
    everywhere = {grant.tenants for grant in grants if grant.rows == "all" and not asked[grant]}
    kept = {
        (grant.tenants, grant.rows, asked[grant]): grant
        for grant in grants
        if (grant.rows == "all" and not asked[grant]) or grant.tenants not in everywhere
    }
    return [kept[key] for key in sorted(kept)]


def _all_of(*conditions: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return and_(*(condition for condition in conditions if condition is not None))


def _any_of(alternatives: list[ColumnElement[bool] | None]) -> Sight:
    asked = [alternative for alternative in alternatives if alternative is not None]
    if len(asked) < len(alternatives):
        return EVERYTHING
    return Sight(condition=or_(*asked))
