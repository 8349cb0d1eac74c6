"""What shoppers see: pages that work without scripts, and the frames and widgets of shops."""
