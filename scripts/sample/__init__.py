"""Draws the sample catalogue of the demo store: products, shopper photos and their tables."""
