"""Is one tenant kept from another, and is everybody who they say they are?"""
