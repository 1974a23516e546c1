"""Laboratory values of the acute days."""
