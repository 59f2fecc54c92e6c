"""What is reported, and how it is settled: the way of a case from report to close."""
