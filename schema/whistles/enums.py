"""What can the parts of a whistle be? Values are contract; each description begins with its Chinese label."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(name="WhistleReason")
class WhistleReasonKind(Enum):
    """Why departments are called."""

    PRESSING_PROBLEM = strawberry.enum_value(
        "PRESSING_PROBLEM", description="群众反映强烈的疑难问题: a pressing problem that the street cannot solve alone."
    )
    JOINT_ENFORCEMENT = strawberry.enum_value(
        "JOINT_ENFORCEMENT", description="联合执法: to enforce the law together, where the street lacks the power."
    )
    EMERGENCY = strawberry.enum_value("EMERGENCY", description="应急处置: an emergency.")


@strawberry.enum(name="WhistleStatus")
class WhistleStatus(Enum):
    """Where a whistle stands."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="待吹哨: asked for.")
    CALLED = strawberry.enum_value("CALLED", description="已吹哨: departments are called.")
    REFUSED = strawberry.enum_value("REFUSED", description="未予吹哨: the office calls nobody, and said why.")
    CONCLUDED = strawberry.enum_value("CONCLUDED", description="已办结: ended with a joint result.")
    LAPSED = strawberry.enum_value("LAPSED", description="已失效: the case ended before.")


@strawberry.enum(name="WhistleCalleeStatus")
class WhistleCalleeStatus(Enum):
    """Whether a department comes."""

    CALLED = strawberry.enum_value("CALLED", description="待应哨: has not answered.")
    COMING = strawberry.enum_value("COMING", description="已应哨: comes.")
    DECLINED = strawberry.enum_value("DECLINED", description="不到场: does not come, which the district decides about.")
    EXCUSED = strawberry.enum_value("EXCUSED", description="同意不到场: need not come.")
    ARRIVED = strawberry.enum_value("ARRIVED", description="已报到: is there.")
