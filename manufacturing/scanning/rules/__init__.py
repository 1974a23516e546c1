"""Rules of the scanner: what a code says, whether it fits, and what is to be done with it."""
