"""The calendar of a center: what stands in it, how full it is, and what changed."""
