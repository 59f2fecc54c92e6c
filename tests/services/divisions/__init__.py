"""Lists of official divisions: reading them, and taking in what changed."""
