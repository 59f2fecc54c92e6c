"""Which position grants what, as casbin reads it: the starting grants and what tenants changed of them."""
