"""How much may somebody search for at once? Asked before anything is done with a text."""

from __future__ import annotations

from schema.compiler.faults import SearchTooLong

LONGEST_SEARCH = 100
MOST_WORDS = 10


def searched(text: str) -> str:
    """Give the text that is searched for as it is. Raises SearchTooLong."""
    if len(text) > LONGEST_SEARCH or len(text.split()) > MOST_WORDS:
        raise SearchTooLong(letters=LONGEST_SEARCH, words=MOST_WORDS)
    return text
