"""Calendars that other programs subscribe to: of a person or of a resource, without any child's name."""
