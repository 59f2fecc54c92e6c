"""Does a sealed value stay closed to everybody but its tenant and its purpose?"""
