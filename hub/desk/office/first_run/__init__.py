"""From an empty hub to one on duty: the duty room's name and phone, its sites from a sheet."""
