"""What clients see and do, tried over HTTP."""
