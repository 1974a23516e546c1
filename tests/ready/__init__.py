"""Tests of what comes before the infusion."""
