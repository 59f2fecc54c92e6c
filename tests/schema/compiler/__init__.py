"""Does every rule of the read compiler hold?"""
