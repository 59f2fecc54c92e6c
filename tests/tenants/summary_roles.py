"""Who sees which sums? What the checks of roles.csv over HTTP ask about summaries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenants.policies.roles import Role

if TYPE_CHECKING:
    from tests.tenants.test_roles_over_http import Probe

_PERIOD = '(from: "2024-01-01", to: "2099-12-31")'
_SUMS = f"""caseSummary{_PERIOD} {{ reported }}
  caseSummariesByHandler{_PERIOD} {{ handler {{ name }} reported }}"""
_DOCUMENT = f"""{{ me {{ tenant {{ place {{
  ... on District {{ {_SUMS} }} ... on Street {{ {_SUMS} }}
  ... on Community {{ {_SUMS} grids {{ nodes {{ id caseSummary{_PERIOD} {{ reported }} }} }} }} }} }} }} }}"""
# Those that the account's posts belong to; a post of no body is the office's own.
_OWN_BODIES = """select array_agg(b.name) from positions p join accounts a on a.id = p.account_id
    join bodies b on b.id = p.body_id or (p.body_id is null and b.represents_tenant_id = p.tenant_id)
    where a.subject = $1 and p.tenant_id = $2"""
_OWN_GRIDS = """select array_agg('grd_' || p.tenant_id || '_' || p.place_id) from positions p
    join accounts a on a.id = p.account_id where a.subject = $1 and p.tenant_id = $2"""


async def check_summaries(probe: Probe, lines: Sequence[Role]) -> None:
    """Check that exactly what the lines say is summed up for the account."""
    answer = await probe.ask(_DOCUMENT)
    place: dict[str, Any] = answer["data"]["me"]["tenant"]["place"]
    refused = {error["extensions"]["field"].rpartition(".")[2] for error in answer.get("errors", ())}
    if not lines:
        assert {"caseSummary", "caseSummariesByHandler"} <= refused
        return
    assert not refused & {"caseSummary", "caseSummariesByHandler"}
    (line,) = lines
    handlers = [one["handler"]["name"] for one in place["caseSummariesByHandler"]]
    if line.rows == "all":
        below = f"(tenant_id = {probe.tenant_id} or street_id = {probe.tenant_id} or district_id = {probe.tenant_id})"
        counted = await probe.value(f"select sum(reported) from case_counts where {below}")
        assert place["caseSummary"] == {"reported": counted}
        assert len(handlers) > 1
        return
    assert place["caseSummary"] is None
    if line.rows == "own":
        own = await probe.value(_OWN_BODIES, probe.account, probe.tenant_id) or []
        assert set(handlers) <= set(own)
        return
    grids = await probe.value(_OWN_GRIDS, probe.account, probe.tenant_id)
    assert [grid["id"] for grid in place["grids"]["nodes"] if grid["caseSummary"]] == grids
