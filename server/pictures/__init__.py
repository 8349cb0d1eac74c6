"""Pictures over HTTP: the catalogue's, their small copies, and shoppers' own for a while."""
