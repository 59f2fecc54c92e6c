"""How the product looks to clients, tried over HTTP."""
