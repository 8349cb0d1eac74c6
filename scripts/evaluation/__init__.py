"""What evaluate.py says of its figures: as text, as JSON, and as a page."""
