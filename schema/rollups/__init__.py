"""How sums over tenants are read: from what is folded, and from the ledger where a period begins or ends in a month."""
