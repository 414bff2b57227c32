"""The domain, pure: no input or output, no clock, no database.  Every other room speaks in these words."""
