"""Offices, reviewers, the schedule and used numbers."""
