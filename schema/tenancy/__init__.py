"""Who is asking, in which tenant, with which grants, as clients see it."""
