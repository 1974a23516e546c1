"""Hand-over sheets and discharge summaries."""
