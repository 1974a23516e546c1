"""The ledger as a clinician reads it. `entries.timeline` is what pages use."""
