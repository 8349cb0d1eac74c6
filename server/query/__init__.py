"""What a request asks: its photo, its words, the part to search, what the answer shall hold."""
