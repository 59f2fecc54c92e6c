"""Files that people upload, sealed with the tenant's key."""
