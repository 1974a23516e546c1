"""The first thirty days of one child in one picture."""
