"""How is something costly kept for the next time without growing for ever?"""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")
Held = TypeVar("Held")


class Shelf(Generic[Key, Held]):
    """The most recently used values, up to a total weight."""

    def __init__(self, room: int) -> None:
        """Make room for so much weight."""
        self._room = room
        self._used = 0
        self._held: dict[Key, tuple[Held, int]] = {}

    def find(self, key: Key) -> Held | None:
        """Get what is held under the key and count it as used."""
        found = self._held.pop(key, None)
        if found is None:
            return None
        self._held[key] = found
        return found[0]

    def put(self, key: Key, value: Held, *, weight: int) -> None:
        """Hold a value; those not used for longest make way. What is heavier than the shelf is not held."""
        if weight > self._room:
            return
        self._used += weight - self._held.pop(key, (None, 0))[1]
        self._held[key] = (value, weight)
        while self._used > self._room:
            self._used -= self._held.pop(next(iter(self._held)))[1]

    def __len__(self) -> int:
        """Tell how many are held."""
        return len(self._held)
