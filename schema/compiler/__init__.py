"""One GraphQL operation becomes one SQL statement that returns JSON. Knows no feature."""
