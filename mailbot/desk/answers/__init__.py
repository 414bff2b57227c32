"""Answers that change nothing, and challenges."""
