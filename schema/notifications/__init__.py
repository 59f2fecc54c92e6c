"""What accounts are told, as clients see it."""
