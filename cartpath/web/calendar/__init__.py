"""A person's own calendar: what their program reads of it, and the week on paper."""
