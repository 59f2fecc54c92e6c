"""Working days and office hours, and when something is due by them."""
