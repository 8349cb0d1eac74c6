"""Pictures to vectors, vectors to nearest products. Knows nothing of HTTP."""
