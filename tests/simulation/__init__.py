"""Fifteen years in minutes: real servers and workers, a clock that is turned, a model that counts."""
