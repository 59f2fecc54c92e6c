"""Do the rules of the house hold: floors, sizes, docstrings, one commit, fresh files?"""
