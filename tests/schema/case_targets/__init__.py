"""How targets are set and reached."""
