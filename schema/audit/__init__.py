"""The audit log, as auditors see it."""
