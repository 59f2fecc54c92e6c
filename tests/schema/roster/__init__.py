"""Are rosters imported through GraphQL as the contract says?"""
