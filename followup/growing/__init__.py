"""Growing up: hand-over to adult care, letters, the families' sheet, and finding a child again."""
