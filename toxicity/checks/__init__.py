"""How often a child is looked at, and when next."""
