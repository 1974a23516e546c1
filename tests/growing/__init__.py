"""Growing up: agreements by age, names, guardians, hand-over, tracing, letters."""
