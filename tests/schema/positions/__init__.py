"""Posts, their kinds and their grants, as clients give and change them."""
