"""Command lines: parse arguments, make one call into `features`, print a summary."""
