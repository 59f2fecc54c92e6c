"""A PostgreSQL server of our own for the demo and the tests: nothing to install, nothing on a port."""
