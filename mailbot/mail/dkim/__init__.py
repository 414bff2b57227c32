"""DKIM signatures (RFC 6376, 8301, 8463): read, verified and made, with `cryptography`."""
