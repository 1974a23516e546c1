"""Fifteen years of visits after the infusion."""
