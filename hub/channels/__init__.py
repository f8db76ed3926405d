"""Ways by which the hub tells a person: one file a way, see README.md."""
