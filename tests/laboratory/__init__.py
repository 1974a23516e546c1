"""Laboratory values: read, checked, stored, judged and shown."""
