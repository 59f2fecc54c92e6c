"""Whose data this is, who is asking, and what they may do: the ground floor."""
