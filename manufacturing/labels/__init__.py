"""Labels: written, printed, read back, accounted for."""
