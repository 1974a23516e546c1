"""What must reach somebody now."""
