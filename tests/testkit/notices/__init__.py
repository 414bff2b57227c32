"""Samples of every notice, and readers of what they are written to."""
