"""Does it hold? One folder a floor, journeys across them, and the architecture itself."""
