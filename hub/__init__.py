"""The duty room: it stores each report once, tells people, and tells the city."""
