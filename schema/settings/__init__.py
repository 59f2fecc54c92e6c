"""Settings, as clients see and change them."""
