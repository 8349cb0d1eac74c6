"""What each ingredient of a better answer adds, and what it costs."""
