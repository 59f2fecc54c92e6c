"""What has happened, written with what it happened to, and handed on after the commit."""
