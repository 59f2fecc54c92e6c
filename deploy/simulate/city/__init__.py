"""A city of thousands of tenants as its divisions are, and years of their cases by the million."""
