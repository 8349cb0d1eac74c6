"""What requests hold and answers say. They describe; the parsing stays with the views."""
