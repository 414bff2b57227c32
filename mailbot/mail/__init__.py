"""Parsing, authenticating and composing mail (RFC 5321, 5322, 2045–2047, 6376, 8601); independent of applications."""
