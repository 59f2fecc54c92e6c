"""What would a careful team write with Strawberry and DataLoaders? The same reads over the same tables."""
