"""Does every feature do what it says and refuse what it must?"""
