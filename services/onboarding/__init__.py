"""How a district, street or community comes to be a tenant, and how it stops being one."""
