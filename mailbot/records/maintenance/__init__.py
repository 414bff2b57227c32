"""Backup, copy, retention and consistency of the whole store."""
