"""Bad input in large numbers: seeds, their mutations, what they are thrown at, and who watches."""
