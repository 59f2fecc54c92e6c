"""Which day is it at the tenants? Asked when a test needs it: a run may pass their midnight."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from deploy.demo.contents import TIME_ZONE


def today(*, plus: int = 0) -> date:
    """Tell the day at the demo's tenants, or the one so many days later."""
    return datetime.now(ZoneInfo(TIME_ZONE)).date() + timedelta(days=plus)


def day(plus: int = 0) -> str:
    """Write that day as GraphQL's Date."""
    return today(plus=plus).isoformat()
