"""Who may call: keys, the pages of other origins, and how often."""
