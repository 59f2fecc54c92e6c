"""How residents get in: as visitors of a community, then bound to the dwelling they own, rent or live in."""
