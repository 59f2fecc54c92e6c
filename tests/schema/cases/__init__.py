"""Cases through GraphQL."""
