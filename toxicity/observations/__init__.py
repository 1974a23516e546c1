"""What is seen at the bedside."""
