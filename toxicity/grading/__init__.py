"""Toxicity grading: one module for each published scale, pure functions over frozen data.

No module here imports Django or reads the clock. A grade is never converted from one scale to another.
What was not given is never counted as normal: it makes the grade a lower bound (`at_least`).
"""
