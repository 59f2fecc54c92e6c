"""How a case is watched: limits before and after its due time, and the marks of each case that wait for them."""
