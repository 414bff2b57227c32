"""Issued passwords, log-ins and sessions."""
