"""Journeys in and out as files."""
