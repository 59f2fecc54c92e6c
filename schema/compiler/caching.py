"""How is something costly kept for the next time without growing for ever?"""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")
Held = TypeVar("Held")


class Shelf(Generic[Key, Held]):
    """The most recently used values, up to a number."""

    def __init__(self, room: int) -> None:
        """Make room for so many."""
        self._room = room
        self._held: dict[Key, Held] = {}

    def find(self, key: Key) -> Held | None:
        """Get what is held under the key and count it as used."""
        value = self._held.pop(key, None)
        if value is not None:
            self._held[key] = value
        return value

    def put(self, key: Key, value: Held) -> None:
        """Hold a value; the one not used for longest makes way."""
        if len(self._held) >= self._room:
            del self._held[next(iter(self._held))]
        self._held[key] = value

    def __len__(self) -> int:
        """Tell how many are held."""
        return len(self._held)
