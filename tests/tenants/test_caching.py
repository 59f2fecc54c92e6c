"""Does the shelf hold what is used and let go of the rest?"""

from __future__ import annotations

from tenants.caching import Shelf


def test_lets_go_of_what_was_not_used_for_longest() -> None:
    shelf: Shelf[str, str] = Shelf(10)
    shelf.put("a", "A", weight=5)
    shelf.put("b", "B", weight=5)

    shelf.find("a")
    shelf.put("c", "C", weight=5)

    assert (shelf.find("a"), shelf.find("b"), shelf.find("c")) == ("A", None, "C")


def test_holds_nothing_heavier_than_itself() -> None:
    shelf: Shelf[str, str] = Shelf(10)
    shelf.put("a", "A", weight=10)

    shelf.put("b", "B", weight=11)

    assert (shelf.find("a"), shelf.find("b")) == ("A", None)


def test_weighs_what_is_put_again_once() -> None:
    shelf: Shelf[str, str] = Shelf(10)
    shelf.put("a", "A", weight=6)
    shelf.put("a", "AA", weight=4)

    shelf.put("b", "B", weight=6)

    assert (shelf.find("a"), shelf.find("b"), len(shelf)) == ("AA", "B", 2)
