"""Booking and collecting: machines, slots, washouts, cells."""
