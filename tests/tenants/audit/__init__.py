"""Does the audit log keep what was done, and notice what was changed?"""
