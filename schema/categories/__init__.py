"""The categories that cases are filed under, as clients see them."""
