"""Pages about protocols: read, compare, change by an edition, move a journey, and all rules on one page."""
