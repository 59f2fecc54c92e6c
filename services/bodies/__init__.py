"""Party organisations, companies, committees and departments, and their contracts."""
