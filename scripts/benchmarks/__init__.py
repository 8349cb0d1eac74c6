"""What the figures in the documentation are measured with, one module a sub-command."""
