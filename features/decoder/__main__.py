"""Answers questions on its standard input until nobody is left to ask any."""

from features.decoder.serving import serve

serve()
