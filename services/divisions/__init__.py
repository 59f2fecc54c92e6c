"""Official divisions with their codes: what each code system said, and from when to when."""
