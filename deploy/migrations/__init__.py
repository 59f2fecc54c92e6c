"""How the database got its present shape, one file a step."""
