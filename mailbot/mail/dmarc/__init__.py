"""DMARC (RFC 9989): policy records, and their discovery by the DNS tree walk."""
