"""Any list and any sums that a caller reads, as a file."""
