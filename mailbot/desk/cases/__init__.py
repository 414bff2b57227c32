"""An application with its office, procedure and everything that its rules may know."""
