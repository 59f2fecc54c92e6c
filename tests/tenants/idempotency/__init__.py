"""Is a call that comes twice known again, and by whom?"""
