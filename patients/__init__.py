"""The child and the journey: who, where now, whether eligible."""
