"""Who has held which cells, where and how cold: the chain of identity and the chain of custody."""
