"""What is done with one mail, due task or command, each in one transaction; mail enters at `reception.handle`."""
