"""What should happen: versioned, sourced rule sets, one per product and region."""
