"""The virtual world: the real cores of board and hub, with clock, network and disk in its hands."""
