"""Lists of who holds which post, as offices hand them in on a tenant's first day."""
