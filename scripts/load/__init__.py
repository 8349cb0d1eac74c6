"""Load on the real server: shoppers, slow clients, writers, and what becomes of their requests."""
