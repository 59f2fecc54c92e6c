"""Places from the district down to the dwelling, as clients see them."""
