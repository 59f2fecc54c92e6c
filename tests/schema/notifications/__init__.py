"""What accounts are told, over HTTP."""
