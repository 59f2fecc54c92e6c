"""Do cases look to clients as they should?"""
