"""The virtual world: the real cores, with clock, network and disk in its hands."""
