"""Reading and writing mail (RFC 5321, RFC 5322 and friends).  Knows nothing of applications."""
