"""Chain of identity and chain of custody."""
