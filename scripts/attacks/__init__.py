"""Attacks on this project's own code, with counts of what was tried and of what got through."""
