"""Working days and office hours, as clients see and change them."""
