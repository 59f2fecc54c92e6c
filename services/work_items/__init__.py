"""What is to be done, by whom and until when: one row for each account and case."""
