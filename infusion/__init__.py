"""Lymphodepletion, checklist, and the infusion: day 0."""
