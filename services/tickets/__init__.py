"""Tickets of hotlines and other platforms, as these hand them over in files."""
