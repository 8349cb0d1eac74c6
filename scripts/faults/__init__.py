"""Faults that happen to a running shop, brought about on purpose, and what came of its answers."""
