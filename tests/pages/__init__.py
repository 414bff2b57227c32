"""Writes what docs/ has from the code: generated pages, and pictures."""
