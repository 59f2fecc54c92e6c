"""What accounts are told of, and where it is delivered."""
