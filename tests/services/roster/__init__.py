"""Reading rosters as people hand them in, and taking them into a tenant."""
