"""How does the product say no? Every expected refusal has a stable code and a text in Chinese and English."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault.
    """An expected no. Subclasses give `code`, `zh` and `en`; the texts may name keyword arguments in braces."""

    code: str = "REFUSED"
    zh: str = "不能这样做"
    en: str = "This cannot be done"

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        """Say no, because of an input field if it is one, with the values that the texts name."""
        self.field = field
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """Tell the reason in `zh` or `en`."""
        return (self.zh if language == "zh" else self.en).format(**self.values)


class NotFound(Refused):
    """What is not there and what the caller may not see: one and the same answer."""

    code = "NOT_FOUND"
    zh = "没有找到，或您无权查看"
    en = "Not found, or not yours to see"


class Forbidden(Refused):
    """The caller's positions grant no such thing."""

    code = "FORBIDDEN"
    zh = "您的岗位没有这项权限（{permission}）"
    en = "Your positions do not grant {permission}"


class TenantSuspended(Refused):
    """The tenant is suspended: it can be read, not changed."""

    code = "TENANT_SUSPENDED"
    zh = "“{name}”已暂停使用：只能查看，不能修改。请联系上级办公室恢复"
    en = "“{name}” is suspended: it can be read but not changed. Ask the office above it to resume it"


class TenantRequired(Refused):
    """The request does not say in which tenant it acts."""

    code = "TENANT_REQUIRED"
    zh = "请用 X-Tenant 请求头说明在哪个单位办事（见 me.tenants）"
    en = "Say in the X-Tenant header in which tenant you act (see me.tenants)"


# What app.enter raises (deploy/migrations/walls.py).
STALE_GRANTS = "JL001"
TENANT_GONE = "JL002"


class StaleGrants(Exception):  # noqa: N818 - told to the one who loads grants, who loads them anew.
    """The caller's grants are older than the tenant's."""


class TenantGone(Exception):  # noqa: N818 - answered as any unknown tenant.
    """The tenant was closed since the caller's grants were loaded."""


class TryAgain(Refused):
    """What was asked for is all right and cannot be done just now."""

    code = "TRY_AGAIN"
    zh = "系统繁忙，请稍后重试"
    en = "The service is busy: try again in a moment"


class Unauthenticated(Refused):
    """No token, or none that holds: always the same answer."""

    code = "UNAUTHENTICATED"
    zh = "请先登录：令牌缺失、过期或无效"
    en = "Sign in first: the token is missing, has expired or is not valid"


class TenantUnknown(Refused):
    """A tenant that does not exist, is closed, or in which the account holds no post: one and the same answer."""

    code = "TENANT_UNKNOWN"
    zh = "没有这个单位，或您在其中没有岗位"
    en = "There is no such tenant, or you hold no post in it"


class Unavailable(Refused):
    """The database is out of reach for the moment."""

    code = "UNAVAILABLE"
    zh = "服务暂时不可用，请稍后再试"
    en = "The service is unavailable for the moment: try again shortly"
