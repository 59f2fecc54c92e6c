"""What the product does: one folder a feature, the same six files in each."""
