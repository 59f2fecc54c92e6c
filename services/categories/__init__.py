"""The categories that cases are filed under, with their time limits; each tenant has its own copy."""
