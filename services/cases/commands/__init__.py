"""What may be done with a case, one file for each of those who do it."""
