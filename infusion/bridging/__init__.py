"""Therapy between collection and lymphodepletion: what was given, its harm, how the disease answered."""
