"""What operators look at and undo from the command line."""
