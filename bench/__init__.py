"""Benchmarks: each prints the project's figure, the limit measured beside it, and their ratio."""
