"""Sums over tenants: what a feature counts, as it happened, and folded by place and time; always exact."""
