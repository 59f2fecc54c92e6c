"""The demo: real communities' structure, invented people, ready to query."""
