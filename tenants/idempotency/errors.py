"""Why may a key not be used?"""

from __future__ import annotations

from tenants.errors import Refused


class IdempotencyKeyInvalid(Refused):
    """A key has a length and can be printed."""

    code = "IDEMPOTENCY_KEY_INVALID"
    zh = "idempotencyKey 应为 1 到 {limit} 个可见字符"
    en = "An idempotencyKey has 1 to {limit} printable characters"


class IdempotencyKeyReused(Refused):
    """A key belongs to the input that it came with first."""

    code = "IDEMPOTENCY_KEY_REUSED"
    zh = "这个 idempotencyKey 已随另一输入用过：重试请原样提交，新的操作请换一个新键"
    en = "This idempotencyKey came with another input before: send a retry unchanged, and make a new key for a new act"


class RepeatedRefusal(Refused):
    """A refusal that was answered before, in the words that it had then."""

    def __init__(self, code: str, *, zh: str, en: str, field: str | None) -> None:
        """Take over what was answered."""
        self.code, self.zh, self.en = code, zh, en
        super().__init__(field=field)

    def text(self, language: str) -> str:
        """Tell the reason in `zh` or `en`; whatever is in braces was said, and names nothing."""
        return self.zh if language == "zh" else self.en
