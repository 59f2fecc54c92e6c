"""Is what has happened put in order?"""
