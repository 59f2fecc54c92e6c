"""Do files go in and out over HTTP, and only to those who may have them?"""
