"""Processes killed in the middle of their work, and what is left in the stores then."""
