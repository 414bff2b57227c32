"""One incoming mail: what it asks for, and whether its sender may."""
