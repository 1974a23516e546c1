"""Scan to act: what was read leads to the one right action, or stops it."""
