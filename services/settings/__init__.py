"""What a tenant asks of its people beyond the work itself: off until set, with a basis, a purpose and an end."""
