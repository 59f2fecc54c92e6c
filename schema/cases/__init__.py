"""Cases, as clients see them and work with them."""
