"""What answers come from: the services over the stores, and what keeps them up to date."""
