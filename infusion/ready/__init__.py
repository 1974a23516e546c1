"""Ready to infuse: everything that must be true, what stands in the way, and who may go on all the same."""
