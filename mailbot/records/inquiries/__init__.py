"""Queries on inquiries and on pauses of the log-in."""
