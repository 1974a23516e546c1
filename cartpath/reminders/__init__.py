"""Speaking up about the difference between what a protocol wants and what the ledger holds."""
