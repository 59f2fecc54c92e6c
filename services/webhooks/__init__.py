"""Where what happens in a tenant is sent to other systems: endpoints, and what waits to be delivered to them."""
