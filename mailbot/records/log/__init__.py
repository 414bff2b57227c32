"""Queries on the append-only logs: the mail log and the audit log."""
