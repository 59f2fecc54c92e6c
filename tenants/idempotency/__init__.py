"""What keeps a call that comes twice from being done twice? A key that the client makes up."""
