"""When is garbage looked for? Seldom while a process starts, and later not among what was there when it had started."""

from __future__ import annotations

import gc

_USUAL = gc.get_threshold()
# Of three hundred thousand objects that a start makes, not one in a hundred is garbage: to look through them again and
# again is an eighth of its time, and a look through all of them later holds every request up for a tenth of a second.
_WHILE_STARTING = (100_000, 10, 10)


def look_seldom() -> None:
    """Look for garbage only after very many new objects: while modules are imported, or in a command that ends soon."""
    gc.set_threshold(*_WHILE_STARTING)


def settle() -> None:
    """Keep all that is there, here and in processes forked from this one, and look as usual among what is new."""
    gc.freeze()
    gc.set_threshold(*_USUAL)
