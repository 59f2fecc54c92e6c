"""Which tenants has the demo, and what is in each? The structure is that of real communities; nobody in it is real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from deploy.simulate.neighbourhood import Extent
from services.onboarding.rules import NewTenant

TIME_ZONE = "Asia/Shanghai"
DIVISIONS_SYSTEM = "statistics"
DIVISIONS_AS_OF = date(2023, 6, 30)


@dataclass(frozen=True, slots=True)
class OrganizationName:
    """A body of a tenant, by its kind and name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Office:
    """A district or street office and the bodies that work for it; a handler signs in for the first department."""

    new: NewTenant
    bodies: tuple[OrganizationName, ...] = ()


@dataclass(frozen=True, slots=True)
class Community:
    """A community: built and settled by the seeded generator, or by the roster importer from a workbook."""

    new: NewTenant
    # The company that serves its estates, by name; companies are at home in the district.
    company: str
    extent: Extent | None = None
    roster: str | None = None
    service: str | None = None
    # The estate that a workbook without estates is given, over the buildings of its first grids.
    estate_over_grids: tuple[str, int] | None = None
    owners_committee: str = "业主委员会"
    has_grid_leader: bool = False
    # Of its grids' Party organisations, then of those of its estates and its buildings, where it has such.
    party_levels: tuple[str, str | None, str | None] = ("党支部", None, None)
    is_small: bool = False
    # The account manager@linhe holds a post here, too.
    has_linhe_manager: bool = False
    bodies: tuple[OrganizationName, ...] = ()


def _tenant(slug: str, name: str, kind: str, parent: str | None, code: str | None) -> NewTenant:
    return NewTenant(slug, name, kind, parent, code, DIVISIONS_SYSTEM if code else None)


def _bodies(kind: str, names: str) -> tuple[OrganizationName, ...]:
    return tuple(OrganizationName(kind, name) for name in names.split())


LINHE = "邻和物业"

OFFICES = (
    Office(
        _tenant("gulou", "鼓楼区", "district", None, "350102"),
        _bodies("department", "鼓楼区城市管理局 城区水务"),
    ),
    Office(_tenant("gudong", "鼓东街道", "street", "gulou", "350102001"), _bodies("department", "鼓东派出所")),
    Office(
        _tenant("xiangcheng", "芗城区", "district", None, "350602"),
        _bodies("department", "芗城区城市管理局 城区水务"),
    ),
    Office(_tenant("xiangkou", "巷口街道", "street", "xiangcheng", "350602004")),
    Office(
        _tenant("lieshan", "烈山区", "district", None, "340604"),
        _bodies("department", "烈山区城市管理局 城区水务"),
    ),
    Office(_tenant("renlou", "任楼街道", "street", "lieshan", "340604004")),
    Office(
        _tenant("jiulongpo", "九龙坡区", "district", None, "500107"),
        _bodies("department", "九龙坡区城市管理局 城区水务"),
    ),
    Office(_tenant("xiejiawan", "谢家湾街道", "street", "jiulongpo", "500107003")),
    Office(
        _tenant("xifeng", "西峰区", "district", None, "621002"),
        _bodies("department", "西峰区城市管理局 城区水务"),
    ),
    # In no published list of codes: such offices exist and work.
    Office(_tenant("xueyuanlu", "学院路街道", "street", "xifeng", None)),
)

COMMUNITIES = (
    Community(
        _tenant("qingcheng", "庆城社区", "community", "gudong", "350102001002"),
        LINHE,
        roster="qingcheng.xlsx",
        service="1元服务",
        estate_over_grids=("庆城片区", 3),
        party_levels=("党支部", None, "党小组"),
        has_linhe_manager=True,
        bodies=_bodies("partner", "庆城服务联盟"),
    ),
    Community(
        _tenant("zhongshan", "中山社区", "community", "gudong", "350102001001"),
        LINHE,
        Extent(dwelling_count=160, grid_count=3, estate_count=2),
        is_small=True,
        has_linhe_manager=True,
    ),
    Community(
        _tenant("guanfengting", "观风亭社区", "community", "gudong", "350102001004"),
        LINHE,
        Extent(dwelling_count=140, grid_count=3, estate_count=1),
        is_small=True,
    ),
    Community(
        _tenant("kaiyuan", "开元社区", "community", "gudong", "350102001005"),
        LINHE,
        Extent(dwelling_count=120, grid_count=2, estate_count=1),
        is_small=True,
    ),
    Community(
        _tenant("shudou", "树兜社区", "community", "gudong", "350102001006"),
        LINHE,
        Extent(dwelling_count=130, grid_count=2, estate_count=1),
        is_small=True,
    ),
    Community(
        _tenant("guanyuan", "官园社区", "community", "xiangkou", "350602004013"),
        "芗里物业",
        Extent(dwelling_count=1_480, grid_count=4, estate_count=4),
        has_grid_leader=True,
        bodies=_bodies("partner", "商圈党建联盟 片区共建支部 楼宇联合支部"),
    ),
    Community(
        _tenant("xiyuan", "西园社区", "community", "renlou", "340604004004"),
        "任安物业",
        Extent(dwelling_count=1_860, grid_count=6, estate_count=3),
        owners_committee="业主委员会筹备组",
        has_grid_leader=True,
        bodies=_bodies("volunteer_team", "医疗保健队 环境卫生队 政策宣传队 矛盾调解队 治安维稳队 暖心帮扶队"),
    ),
    Community(
        _tenant("minzhucun", "民主村社区", "community", "xiejiawan", "500107003003"),
        "九谊物业",
        Extent(dwelling_count=2_120, grid_count=6, estate_count=5),
        has_grid_leader=True,
        bodies=(
            *_bodies("volunteer_team", "红心蚂蚁志愿队"),
            *_bodies("partner", "社区更新设计团队"),
        ),
    ),
    Community(
        _tenant("jiezilu", "介子路社区", "community", "xueyuanlu", None),
        "陇和物业",
        roster="jiezilu.xlsx",
        party_levels=("党总支", "党支部", "党小组"),
        bodies=_bodies("partner", "院地合作基地"),
    ),
)
