"""What pages say, in each language: the catalogue of texts, and how values are written."""
