"""Why may an endpoint not be set up?"""

from __future__ import annotations

from tenants.errors import Refused


class WebhookUrlInvalid(Refused):
    """An address that nothing can, or may, be sent to."""

    code = "WEBHOOK_URL_INVALID"
    zh = "地址须为 https 网址，不含用户名和密码，且不指向内网"
    en = "The address has to be an https URL without a user name and password, and not lead to a private network"


class WebhookKindsInvalid(Refused):
    """No kinds, or some that nothing ever is."""

    code = "WEBHOOK_KINDS_INVALID"
    zh = "请至少选择一种要推送的动态"
    en = "Choose at least one kind of change to be sent"


class TooManyWebhooks(Refused):
    """More endpoints than anybody needs."""

    code = "TOO_MANY_WEBHOOKS"
    zh = "推送地址过多：上限为 {limit} 个"
    en = "Too many endpoints: the limit is {limit}"
