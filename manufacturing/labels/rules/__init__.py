"""Rules of labels: what stands on them, where, and whether every one is accounted for."""
