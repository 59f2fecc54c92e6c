"""Who gives which posts to whom, and what becomes of them?"""
