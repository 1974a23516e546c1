"""Quality of a product: specification, results, release in one step or two, and deviations."""
