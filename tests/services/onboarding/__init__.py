"""Tenants as a whole: opened, suspended, resumed, closed."""
