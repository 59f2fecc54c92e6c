"""How is personal data kept unreadable, shown and found? Sealed values, masks, blind indexes."""
