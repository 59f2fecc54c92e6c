"""Do clients get what the schema promises, and nothing else?"""
