"""What operators do with mail and notices: by a command, or in reply to their daily list."""
