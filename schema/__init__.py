"""How the product looks to GraphQL clients: types, mutations, and the read compiler."""
