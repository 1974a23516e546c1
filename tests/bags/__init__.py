"""Two people, a tablet and the bags of one child."""
