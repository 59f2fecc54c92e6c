"""The sums that clients read: of cases so far."""
