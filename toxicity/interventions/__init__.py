"""What was given against toxicity: doses, courses with start and stop, and the weight they count from."""
