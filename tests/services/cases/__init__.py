"""Cases, as commands and rules know them."""
