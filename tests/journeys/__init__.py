"""What people do from end to end, over HTTP."""
