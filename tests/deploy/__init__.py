"""Does it start, stop, migrate and refuse as it should?"""
