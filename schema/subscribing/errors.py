"""What may be refused to whoever wants to be told of what happens?"""

from __future__ import annotations

from tenants.errors import Refused, TryAgain
from tenants.outages import is_outage


class SubscribeOtherwise(Refused):
    """A subscription sent as an ordinary POST."""

    code = "SUBSCRIBE_BY_STREAM"
    zh = "订阅请用 WebSocket（graphql-transport-ws），或在 POST 时带上 Accept: text/event-stream"
    en = "Subscribe by WebSocket (graphql-transport-ws), or by POST with Accept: text/event-stream"


class TooManySubscriptions(Refused):
    """More subscriptions on one connection than anybody needs."""

    code = "TOO_MANY_SUBSCRIPTIONS"
    zh = "同一连接上的订阅过多：上限为 {limit} 个"
    en = "Too many subscriptions on one connection: the limit is {limit}"


class NothingSubscribed(Refused):
    """A subscription whose only field is left out by a directive."""

    code = "BAD_REQUEST"
    zh = "没有要订阅的字段"
    en = "There is no field to subscribe to"


def will_pass(error: Exception) -> bool:
    """Tell whether the same may well be done in a moment: the database is out of reach, or all are busy."""
    # A refusal is an answer, whatever it was raised from.
    if isinstance(error, Refused):
        return isinstance(error, TryAgain)
    return is_outage(error)
